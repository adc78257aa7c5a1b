"""A window of the labeling page, used as a person uses it: by what is written on controls, by mouse, keys and touch."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, TimeoutException
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.page.api import Api, Person
from tests.page.chromium import Chromium, screenshots

T = TypeVar("T")
WAIT_SECONDS = 20
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a person sees written on a control: its label, or its own text.
NAMED = """
const [selector, name, isExact] = arguments;
const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert]');
const tidy = (text) => (text || '').replace(/\\s+/g, ' ').trim();
const named = (element) => {
  const by = element.getAttribute('aria-labelledby');
  if (by) return tidy(by.split(/\\s+/).map((id) => document.getElementById(id)?.textContent || '').join(' '));
  if (element.getAttribute('aria-label')) return tidy(element.getAttribute('aria-label'));
  if (element.labels?.length) return tidy([...element.labels].map((label) => label.textContent).join(' '));
  return tidy(element.innerText || element.textContent || element.title || element.placeholder || element.alt);
};
const found = [...document.querySelectorAll(selector)].filter(shown);
const wanted = tidy(name).toLowerCase();
return found.find((element) => named(element).toLowerCase() === wanted)
  || (isExact ? null : found.find((element) => named(element).toLowerCase().startsWith(wanted)))
  || (isExact ? null : found.find((element) => named(element).toLowerCase().includes(wanted)))
  || null;
"""
PRESSED = (
    "button, a[href], summary, option, [role=button], [role=tab], [role=menuitem], [role=option], [role=link], "
    "input[type=submit], input[type=button], input[type=radio], input[type=checkbox], [role=radio], [role=checkbox], "
    "[role=switch]"
)
FILLED = (
    "input:not([type=radio], [type=checkbox], [type=submit], [type=button]), textarea, select, [role=combobox], "
    "[role=textbox], [contenteditable=true], [role=searchbox]"
)


class Page:
    """One window. Every method waits for what it needs, at most `WAIT_SECONDS`."""

    def __init__(self, chromium: Chromium, url: str) -> None:
        self._chromium = chromium
        self.url = url
        self.window, self._context = chromium.window()
        self.expected: list[str] = []
        self._prepare()

    def another_tab(self) -> Page:
        """One more tab of the same person: what the browser stores is shared."""
        tab = object.__new__(Page)
        tab._chromium, tab._context, tab.url, tab.expected = self._chromium, self._context, self.url, self.expected
        tab.window = self._chromium.tab(self._context)
        tab._prepare()
        return tab

    def _prepare(self) -> None:
        driver = self.driver
        driver.execute_cdp_cmd("Emulation.setFocusEmulationEnabled", {"enabled": True})
        self.resize(1440, 900)

    @property
    def driver(self) -> Chrome:
        """The driver, looking at this window."""
        return self._chromium.show(self.window)

    # Where one is.

    def open(self, path: str = "/label", *, origin: str | None = None) -> Page:
        """Go to an address of the server."""
        self.driver.get((origin or self.url) + path)
        return self

    def reload(self) -> Page:
        self.driver.refresh()
        return self

    @property
    def path(self) -> str:
        """Path and query of the address."""
        return str(self.run("return location.pathname + location.search"))

    def resize(self, width: int, height: int, *, touch: bool = False) -> None:
        """Make the window as large as a screen; `touch` makes it one to be touched."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})

    def prefer(self, **features: str) -> None:
        """Set what a person prefers, as `color_scheme="dark"` or `reduced_motion="reduce"`."""
        wanted = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": wanted})

    def offline(self, *, is_offline: bool = True) -> None:
        """Cut the window from the network, or connect it again."""
        conditions = {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    def sign_in(self, person: Person, path: str = "/label") -> Page:
        """Open an address and sign in with e-mail address and password."""
        self.open(path)
        self.fill("E-mail", person.email)
        self.fill("Password", person.password)
        self.press("Sign in")
        self.until(lambda: not self.driver.find_elements(By.CSS_SELECTOR, "input[type=password]"), "to be signed in")
        return self

    def sign_in_as(self, person: Person) -> Page:
        """Sign in at the first page, whatever is written on it."""
        self.open("/label")
        for kind, words in (("email", person.email), ("password", person.password)):
            self.find(f"input[type={kind}]").send_keys(words)
        return self.click("button[type=submit]").until(lambda: None if self.all("input[type=password]") else self)

    # What is there.

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return str(self.run("return document.body.innerText"))

    def shows(self, *texts: str) -> Page:
        """Wait until all of the texts can be read."""
        for text in texts:
            self.until(lambda text=text: text in self.text, f"to show {text!r}")  # type: ignore[misc]
        return self

    def hides(self, text: str) -> Page:
        """Wait until a text can be read no more."""
        self.until(lambda: text not in self.text, f"not to show {text!r}")
        return self

    def find(self, selector: str) -> WebElement:
        """Wait for an element by its CSS selector."""
        return self.until(lambda: self._find(selector), f"to have {selector}")

    def all(self, selector: str) -> list[WebElement]:
        """The elements that a CSS selector finds just now."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def control(self, name: str, *, exact: bool = False) -> WebElement:
        """Wait for a button, a link, a choice by what is written on it."""
        return self._named(PRESSED, name, exact)

    def field(self, name: str, *, exact: bool = False) -> WebElement:
        """Wait for a field that takes text, by its label."""
        return self._named(FILLED, name, exact)

    def has(self, name: str) -> bool:
        """Whether there is a control of a name just now."""
        return self.run(NAMED, PRESSED, name, True) is not None

    @property
    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def run(self, script: str, *values: Any) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *values)

    def until(self, condition: Callable[[], T | None], what: str = "", *, seconds: float = WAIT_SECONDS) -> T:
        """Wait until a condition is true, and answer it."""

        def asked(_driver: Chrome) -> T | None:
            try:
                return condition()
            except (StaleElementReferenceException, NoSuchElementException):
                return None

        self.driver  # noqa: B018  # looks at this window
        try:
            return WebDriverWait(self.driver, seconds, poll_frequency=0.05).until(asked)  # type: ignore[return-value]
        except TimeoutException:
            raise AssertionError(f"waited for {self.path} {what}; it shows:\n{self.text[:2000]}") from None

    # What a person does.

    def press(self, name: str, *, exact: bool = False) -> Page:
        """Click a control by what is written on it."""
        return self._click(lambda: self.control(name, exact=exact), name)

    def click(self, selector: str) -> Page:
        """Click an element."""
        return self._click(lambda: self.find(selector), selector)

    def fill(self, name: str, text: str) -> Page:
        """Write into a field, in place of what is there."""
        field = self.field(name)
        field.clear()
        field.send_keys(text)
        return self

    def choose(self, name: str, option: str) -> Page:
        """Choose an option of a native list."""
        field = self.field(name)
        for candidate in field.find_elements(By.TAG_NAME, "option"):
            if candidate.text.strip() == option:
                candidate.click()
                return self
        raise AssertionError(f"{name} has no option {option!r}")

    def keys(self, *keys: str) -> Page:
        """Press keys one after the other, wherever the focus is: `"r"`, `"Enter"`, `"Control+Shift+z"`."""
        chain = ActionChains(self.driver, duration=0)
        for key in keys:
            *held, last = [_key(part) for part in re.split(r"\+(?=.)", key)]
            for part in held:
                chain.key_down(part)
            chain.send_keys(last)
            for part in reversed(held):
                chain.key_up(part)
        chain.perform()
        return self

    def type(self, text: str) -> Page:
        """Type a text wherever the focus is."""
        ActionChains(self.driver, duration=0).send_keys(text).perform()
        return self

    def point(self, selector: str, x: float, y: float) -> tuple[int, int]:
        """The place in the window of fractions of an element."""
        left, top, width, height = self.run(
            "const b = arguments[0].getBoundingClientRect(); return [b.left, b.top, b.width, b.height]",
            self.find(selector),
        )
        return round(left + x * width), round(top + y * height)

    def click_at(self, selector: str, x: float, y: float, *, count: int = 1) -> Page:
        """Click at fractions of an element."""
        mouse, builder = self._mouse()
        mouse.move_to_location(*self.point(selector, x, y))
        for _ in range(count):
            mouse.click()
        builder.perform()
        return self

    def drag(self, selector: str, start: tuple[float, float], end: tuple[float, float], *, steps: int = 5) -> Page:
        """Press at fractions of an element, move, and let go."""
        (left, top), (right, bottom) = self.point(selector, *start), self.point(selector, *end)
        mouse, builder = self._mouse()
        mouse.move_to_location(left, top)
        mouse.pointer_down()
        for step in range(1, steps + 1):
            mouse.move_to_location(
                round(left + (right - left) * step / steps), round(top + (bottom - top) * step / steps)
            )
        mouse.pointer_up()
        builder.perform()
        return self

    def drop(self, selector: str, **files: str) -> Page:
        """Drop files, as name and text, onto an element."""
        self.run(
            """
            const transfer = new DataTransfer();
            for (const [name, text] of Object.entries(arguments[1])) transfer.items.add(new File([text], name));
            for (const kind of ['dragenter', 'dragover', 'drop']) {
              arguments[0].dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
            }
            """,
            self.find(selector),
            files,
        )
        return self

    def choose_files(self, selector: str, *paths: Path) -> Page:
        """Choose files in a file field, which may be hidden."""
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys("\n".join(str(path) for path in paths))
        return self

    # What is looked at.

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA and good practice: rule, and where."""
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        self.run(AXE.read_text(encoding="utf-8"))
        found = self.driver.execute_async_script(
            "const done = arguments[1];"
            "axe.run(document, { runOnly: arguments[0] }).then((result) => done(result.violations), (e) => done(String(e)))",
            RULES,
        )
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})
        assert isinstance(found, list), found
        return [f"{rule['id']}: {node['target']} {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        return int(self.run("return document.documentElement.scrollWidth - innerWidth"))

    def picture(self, name: str) -> None:
        """Keep a picture of the window, where a folder for them is named."""
        folder = screenshots()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(folder / f"{name}.png"))

    def record_answers(self) -> Page:
        """Keep the text of every answer that the page fetches from the next address on."""
        script = """
        globalThis.__answers = [];
        const fetched = fetch;
        globalThis.fetch = async (...all) => {
          const response = await fetched(...all);
          response.clone().text().then((text) => globalThis.__answers.push(text), () => {});
          return response;
        };
        """
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        return self

    @property
    def answers(self) -> list[str]:
        """The texts of the answers at this address."""
        return [str(text) for text in self.run("return globalThis.__answers")]

    def api(self, person: Person) -> Api:
        """The server's API, as somebody sees it."""
        return person.api(self.url)

    def expect(self, *fragments: str) -> Page:
        """Name parts of complaints of the console that this test causes on purpose, as `"status of 401"`."""
        self.expected += fragments
        return self

    def check(self, allowed: set[str]) -> None:
        """Fail where the console complained, or a request went anywhere but to the server."""
        complaints = [
            message for message in self._chromium.complaints() if not any(part in message for part in self.expected)
        ]
        if complaints:
            raise AssertionError("the console complained:\n" + "\n".join(complaints))
        elsewhere = self._chromium.hosts_asked() - allowed
        if elsewhere:
            raise AssertionError(f"something was asked of {', '.join(sorted(elsewhere))}")

    def close(self) -> None:
        self._chromium.dispose(self._context)

    def _find(self, selector: str) -> WebElement | None:
        found = self.all(selector)
        return found[0] if found else None

    def _named(self, selector: str, name: str, exact: bool) -> WebElement:
        return self.until(lambda: self.run(NAMED, selector, name, exact), f"to have a control {name!r}")

    def _click(self, find: Callable[[], WebElement], name: str) -> Page:
        def clicked() -> bool:
            element = find()
            if not element.is_enabled():
                return False
            label = self.run("return arguments[0].labels?.[0] || null", element)
            target = element if element.is_displayed() or label is None else label
            self.run("arguments[0].scrollIntoView({ block: 'nearest' })", target)
            target.click()
            return True

        self.until(clicked, f"to let one click {name!r}")
        return self

    def _mouse(self) -> tuple[Any, ActionBuilder]:
        builder = ActionBuilder(self.driver, duration=0)
        return builder.pointer_action, builder


def _key(name: str) -> str:
    """The key of a name as browsers give it (`Enter`, `ArrowLeft`), or a character."""
    if len(name) == 1:
        return name
    names = {"Control": "CONTROL", "PageDown": "PAGE_DOWN", "PageUp": "PAGE_UP"}
    return str(getattr(Keys, names.get(name, re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper())))


def as_json(text: str) -> Any:
    """A text that the API gives, read."""
    return json.loads(text)
