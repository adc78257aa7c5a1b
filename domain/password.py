"""The requirements of a password."""

from __future__ import annotations

from labelyard.domain.error import BadUserInput
from labelyard.domain.text import within

LEAST_CHARACTERS = 8
MOST_CHARACTERS = 256

# The passwords of at least eight characters that every list of leaked ones begins with.
FIRST_TRIED = """
00000000 11111111 12121212 123123123 12341234 123321123 12345678 123456789 1234567890 12345679 1234qwer
147258369 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 22222222 55555555 66666666 77777777 87654321 88888888 987654321
9876543210 99999999 aa123456 aaaaaaaa abc12345 abcd1234 abcdefgh access14 admin123 admin1234 administrator
alexander asdf1234 asdfasdf asdfghjk asdfghjkl azerty123 azertyuiop baseball basketball benjamin billgates
blink182 butterfly changeit changeme changeme123 charlie1 chocolate computer corvette danielle default1
dragon123 einstein elephant facebook football football1 garfield hello123 hellohello iloveyou iloveyou1 internet
jennifer jonathan labelyard letmein1 letmein123 liverpool login123 marlboro maverick mercedes metallica michelle
midnight monkey123 mustang1 nicholas p@ssw0rd p@ssword passw0rd password password! password1 password12
password123 password1234 passwort patricia porsche9 princess princess1 q1w2e3r4 qazwsxedc qwer1234 qwerty12
qwerty123 qwerty1234 qwertyui qwertyuiop root1234 samantha secret123 slipknot snowball starwars sunshine
sunshine1 superman swordfish test1234 testtest trustno1 victoria welcome1 welcome123 whatever william1 zaq12wsx
zaq1zaq1 zxcvbnm1 zxcvbnm123
"""
COMMON = frozenset(FIRST_TRIED.split())


def password_of(text: str, *, email: str) -> str:
    """The password as given, if it may be used: long enough, not too long to be hashed whole, and not one of the first tried."""
    within(text, name="A password", least=LEAST_CHARACTERS, limit=MOST_CHARACTERS)
    if text.lower() in COMMON or text.lower() in (email, email.partition("@")[0]):
        raise BadUserInput("This password is among the first that are tried; choose another.", field="password")
    return text
