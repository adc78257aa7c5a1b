from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expect
from selenium.webdriver.support.wait import WebDriverWait

from labelyard.server.graphiql import GraphiqlMode

ENDPOINT = "/api/label/v2/graphql"
API_KEY = "ly_test_0123456789abcdef"
pytestmark = pytest.mark.xdist_group("browser")


def text_of(browser: Chrome, selector: str) -> str:
    found = browser.find_elements(By.CSS_SELECTOR, selector)
    return found[0].text if found else ""


def wait_for(browser: Chrome, condition: Callable[[Chrome], object]) -> None:
    WebDriverWait(browser, 20).until(condition)


def enter_key(browser: Chrome, key: str) -> None:
    browser.find_element(By.ID, "key").send_keys(key, Keys.ENTER)


def hosts_asked(browser: Chrome) -> set[str]:
    """Every host:port the page sent a request to, by the browser's own log."""
    hosts = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = urlsplit(message["params"]["request"]["url"])
            if url.scheme not in {"data", "chrome", "chrome-untrusted"}:  # the empty tab the browser starts with
                hosts.add(f"{url.scheme}://{url.netloc}")
        elif message["method"] == "Network.webSocketCreated":
            hosts.add(message["params"]["url"])
    return hosts


def test_a_key_typed_into_the_page_runs_the_first_query_and_nothing_is_asked_elsewhere(
    browser: Chrome, serve: Callable[[GraphiqlMode], str]
) -> None:
    base = serve(GraphiqlMode.AUTHENTICATED)
    browser.get(base + ENDPOINT)
    assert browser.find_elements(By.CSS_SELECTOR, ".graphiql-container") == []

    enter_key(browser, API_KEY)
    wait_for(browser, expect.text_to_be_present_in_element((By.ID, "state"), "Signed in as ada@example.org."))
    wait_for(browser, expect.element_to_be_clickable((By.CSS_SELECTOR, ".graphiql-execute-button")))
    browser.find_element(By.CSS_SELECTOR, ".graphiql-execute-button").click()
    wait_for(browser, lambda page: "project-1" in text_of(page, ".result-window"))

    shown = text_of(browser, ".result-window")
    assert '"email": "ada@example.org"' in shown
    assert '"title": "Leaves & <b>needles</b>"' in shown
    assert browser.find_element(By.ID, "key").get_attribute("value") == ""
    assert API_KEY not in browser.page_source
    assert browser.execute_script("return localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert hosts_asked(browser) == {base}
    assert browser.get_log("browser") == []


def test_the_schema_is_shown_to_the_key(browser: Chrome, serve: Callable[[GraphiqlMode], str]) -> None:
    browser.get(serve(GraphiqlMode.AUTHENTICATED) + ENDPOINT)
    enter_key(browser, API_KEY)
    wait_for(browser, expect.element_to_be_clickable((By.CSS_SELECTOR, "[aria-label='Show Documentation Explorer']")))
    browser.find_element(By.CSS_SELECTOR, "[aria-label='Show Documentation Explorer']").click()
    wait_for(browser, lambda page: "Query" in text_of(page, ".graphiql-doc-explorer-content"))


def test_without_a_key_the_page_says_where_one_comes_from(
    browser: Chrome, serve: Callable[[GraphiqlMode], str]
) -> None:
    browser.get(serve(GraphiqlMode.AUTHENTICATED) + ENDPOINT)
    assert "labelyard key create" in text_of(browser, "#help")
    enter_key(browser, API_KEY)
    wait_for(browser, expect.presence_of_element_located((By.CSS_SELECTOR, ".graphiql-container")))
    assert text_of(browser, "#help") == ""


def test_on_a_narrow_screen_the_answer_stands_below_the_query(
    browser: Chrome, serve: Callable[[GraphiqlMode], str]
) -> None:
    metrics = {"width": 420, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(serve(GraphiqlMode.AUTHENTICATED) + ENDPOINT)
    enter_key(browser, API_KEY)
    wait_for(browser, expect.element_to_be_clickable((By.CSS_SELECTOR, ".graphiql-execute-button")))
    query = browser.find_element(By.CSS_SELECTOR, ".graphiql-editors").rect
    answer = browser.find_element(By.CSS_SELECTOR, ".graphiql-response").rect
    assert answer["y"] >= query["y"] + query["height"] - 1
    assert min(query["width"], answer["width"]) > 250
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 420


def test_a_refused_key_shows_a_sentence_for_people_and_no_editor(
    browser: Chrome, serve: Callable[[GraphiqlMode], str]
) -> None:
    browser.get(serve(GraphiqlMode.AUTHENTICATED) + ENDPOINT)
    enter_key(browser, "wrong")
    wait_for(browser, expect.text_to_be_present_in_element((By.ID, "state"), "The server does not accept this key"))
    assert browser.find_elements(By.CSS_SELECTOR, ".graphiql-container") == []


def test_open_to_all_the_editor_needs_no_key_to_appear(browser: Chrome, serve: Callable[[GraphiqlMode], str]) -> None:
    base = serve(GraphiqlMode.ON)
    browser.get(base + ENDPOINT)
    wait_for(browser, expect.presence_of_element_located((By.CSS_SELECTOR, ".graphiql-container")))
    enter_key(browser, API_KEY)
    wait_for(browser, lambda page: "Signed in as" in text_of(page, "#state"))
    browser.find_element(By.ID, "forget").click()
    wait_for(browser, lambda page: text_of(page, "#state") == "")
    assert browser.find_elements(By.CSS_SELECTOR, ".graphiql-container") != []
    assert hosts_asked(browser) == {base}
