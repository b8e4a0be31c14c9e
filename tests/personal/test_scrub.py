"""Scrubbing: what is taken out, what stays, and that the rest of the text is as it was."""

from __future__ import annotations

import random
import string
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.personal.scrub import Profile, Scrubber, Sensitive, find_secrets
from indexers.personal.scrub.banking import is_iban, luhn
from indexers.records import Mark

KEY = b"a vault's own key, 32 bytes long"
NUMBERS = Scrubber(Profile.NUMBERS, KEY)
CONTACTS = Scrubber(Profile.CONTACTS, KEY)


def lot(seed: int, length: int, letters: str = string.ascii_letters + string.digits) -> str:
    """Characters drawn by lot, with a digit, a small and a capital letter among them where `letters` has such."""
    drawn = random.Random(seed).choices(letters, k=length)
    for place, kind in enumerate((string.digits, string.ascii_lowercase, string.ascii_uppercase)):
        if set(kind) & set(letters):
            drawn[place] = sorted(set(kind) & set(letters))[seed % 3]
    return "".join(drawn)


HEX = "0123456789abcdef"
TOKENS = [
    ("sk-" + "proj-", 48), ("sk-" + "ant-api03-", 60), ("ghp" + "_", 36), ("gho" + "_", 36), ("github" + "_pat_", 60),
    ("glp" + "at-", 20),
    ("xox" + "b-123456789012-", 24), ("xox" + "e-1-", 40), ("xox" + "p-2345-", 30),
    ("AI" + "za", 35), ("ya29" + ".", 60), ("GOC" + "SPX-", 28), ("sk_" + "live_", 24), ("rk_" + "live_", 24),
    ("npm" + "_", 36), ("pypi" + "-AgEIcHlwaS5vcmc", 80),
    ("hvs" + ".", 40), ("sq0" + "csp-", 43), ("lin" + "_api_", 40),
]  # fmt: skip
SENTENCES = (
    "Remember to rotate {} before Friday.",
    "Kan du lægge {} ind på serveren?",
    "Ich habe dir {} geschickt, bitte nicht weitergeben.",
    "export TOKEN_FOR_CI={}",
    "El valor es {}, guárdalo bien.",
    '{{"value": "{}"}}',
)


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize(("prefix", "length"), TOKENS, ids=[prefix for prefix, _ in TOKENS])
def test_a_token_with_the_prefix_of_its_service_is_taken_out(prefix: str, length: int, sentence: str) -> None:
    secret = prefix + lot(length, length)
    text, counts = NUMBERS.clean(sentence.format(secret))
    assert secret[-16:] not in text
    assert sum(counts.values()) == 1
    assert text.startswith(sentence.partition("{")[0])


@pytest.mark.parametrize(
    ("sentence", "secret"),
    [
        ("The wifi password is {} and works upstairs too", "tulip-Garden42"),
        ("Password: {}", "hunter2"),
        ("Password: {}\nSee you", "sommerhus"),
        ("Adgangskode: {}", "Skagen2023!"),
        ("adgangskoden til routeren er ikke skiftet. Kodeord: {}", "blomst77"),
        ("Passwort: {}", "Sonne!Mond3"),
        ("Das Passwort lautet {}", "Xk82mmQq"),
        ("Kennwort = {}", "geheim123"),
        ("Lösenord: {}", "kanelbulle9"),
        ("Passord: {}", "fjord1905"),
        ("Salasana: {}", "sauna2020"),
        ("Mot de passe : {}", "baguette75"),
        ("mdp: {}", "Tr0ub4dor"),
        ("Contraseña: {}", "playa2021"),
        ("La clave es {}", "m4dr1d99"),
        ("Senha: {}", "praia123"),
        ("Wachtwoord: {}", "fiets020"),
        ("Hasło: {}", "zamek77"),
        ("Heslo: {}", "vltava8"),
        ("Пароль: {}", "матрёшка9"),
        ("密码：{}", "abc12345"),
        ("パスワード: {}", "sakura88"),
        ("비밀번호: {}", "seoul1988"),
        ("DB_PASSWORD={}", "s3cr3tpw"),
        ("export AWS_SECRET_ACCESS_KEY={}", "wJalrXUtnFEMI7MDENGbPxRfiCYzzKEYabcdefgh"),
        ('"client_secret": "{}"', "9f8e7d6c5b4a39281706"),
        ("api_key: {}", "8f14e45fceea167a5a36"),
        ("Authorization: Bearer {}", "AbCdEf0123456789AbCdEf0123456789"),
        ("curl -u anna:{} https://example.org", "Pa55word"),
        ("machine mail.example.org login anna password {}", "q7w8e9"),
        ("https://anna:{}@example.org/repo.git", "s3cret"),
        ("postgres://app:{}@db:5432/shop", "hjkl456"),
        ("https://example.org/reset?reset_token={}&x=1", "a81bc81b4e9f"),
        ("https://files.example.org/a.png?t={}", "xo9e81bc81b4e9f7a61x"),
        ("Server=db;Database=shop;User Id=sa;Password={};", "Str0ng;"[:-1]),
        ("DefaultEndpointsProtocol=https;AccountName=x;AccountKey={};", "abcd1234" * 10 + "=="),
        ("Your verification code is {}.", "482913"),
        ("G-{} is your Google verification code.", "482913"),
        ("Din engangskode er {}", "482913"),
        ("Ihr Bestätigungscode lautet: {}", "48 29 13"),
        ("Votre code de vérification : {}", "482 913"),
        ("Tu código de verificación es {}", "4829"),
        ("您的验证码是{}，请勿泄露", "482913"),
        ("PIN: {}", "4821"),
        ("Pinkoden er: nej. pinkode {}", "4821"),
        ("The alarm code is {}", "7391"),
        ("Recovery codes:\n{}\n", "a1b2c-d3e4f"),
        ("Backup codes for the mail: {}", "1234 5678"),
        ("Gendannelseskoder\n1. {}", "9k2m4x7q"),
        ("SG" + ".{}", lot(1, 22) + "." + lot(2, 43)),
        ("AK" + "IA{}", "IOSFODNN7ABCDEFG"),
        ("npmrc: //registry.npmjs.org/:_authToken={}", "8f14e45f-ceea-167a-5a36-dedd4bea2543"),
        ("discord bot {}", "MTk4NjIyNDgzNDcxOTI1MjQ4" + ".Cl2FMQ." + "ZnCjm1XVW7vRze4b7Cq4se7kKWs"),
        ("My password for the films is {} and nothing else", "Fish-Tank-88"),
        ('Passwort: "{}"', "mein Hund 7"),
        ("Adgangskoden til huset er blevet ændret til {}", "Hus2024"),
        ("Koden er {}", "7788"),
        ("Ihr Einmalpasswort: {}", "482913"),
        ("Votre code d'accès est le {}", "4821"),
        ("Tresor-Code: {}", "889911"),
        ('<add key="ApiKey" value="{}"/>', "8f14e45fceea167a5a36dedd4bea2543"),
        ("pw: {}", "hunter22"),
        ("PW {}", "abc123"),
        ("pass: {}", "abc12"),
        ("login: anna / {}", "hunter2"),
        ("user/pass: anna/{}", "hunter2"),
        ("brugernavn: anna kode: {}", "sommer12"),
        ("koden til wifi er {}", "Fisk1234"),
        ("Wi-Fi-kode: {}", "xyz12345"),
        ("WiFi: FamilyNet / {}", "blaa-baad-77"),
        ("Passwort für WLAN: {}", "abc12345"),
        ("mot de passe du wifi : {}", "chat2020"),
        ("La password è {}", "gatto2020"),
        ("password (new): {}", "abc123"),
        ("password - {}", "abc123!"),
        ("Password\n{}\n", "hunter2"),
        ("mitt lösenord är {}", "Katt1234"),
        ("name: bank | username: anna | password: {} | note: x", "korrekt hest"),
        ("password: {} | name: bank", "korrekt hest"),
        ("<password>{}</password>", "hunter2"),
        ('<input type="password" name="p" value="{}">', "hunter2"),
        ("sshpass -p '{}' ssh anna@example.org", "hunter2"),
        ("mysql -u root -p{} shop", "Secret123"),
        ("tool --password {} --go", "hunter2A"),
        ("aws_secret_access_key = {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYabcdefghij"),
        ("AK" "IAIOSFODNN7ABCDEFG and {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYabcdefghij"),
        ("the bitcoin private key is {}", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"),
        ("otpauth://totp/x:anna?secret={}&issuer=x", "JBSWY3DPEHPK3PXP"),
        ("the code for the door is {}", "4711#"),
        ("Kode til døren: {}", "1234*"),
        ("Dørkode: {}", "1234"),
        ("Zugangscode {}", "4711"),
        ("cvv {}", "123"),
        ("exp 04/27 cvc: {}", "123"),
        ("the film works and my pin is {}", "4432"),
        ("Your Steam Guard code is {}", "5XK2P"),
        ("Use {} to sign in", "839201"),
        ("Use code {} to log in", "839201"),
        ("{} er din kode til MitID", "839201"),
        ("2FA backup: {}", "abcd-1234-efgh"),
        ("Recovery key: {}", "ABCDE-12345-FGHIJ-67890"),
        ("BitLocker recovery key: {}", "123456-234567-345678-456789-567890-678901-789012-890123"),
        ("hooks: https://hooks.slack.com/services/{}", "T0AAAAAAA/B0BBBBBBB/abcdefghijklmnop12345678"),
    ],
)  # fmt: skip
def test_a_secret_under_its_name_is_taken_out(sentence: str, secret: str) -> None:
    text, counts = NUMBERS.clean(sentence.format(secret))
    assert secret not in text
    assert sum(counts.values()) >= 1


def test_a_private_key_is_taken_out_whole_even_where_its_end_is_missing() -> None:
    body = "\n".join(lot(line, 64) for line in range(12))
    whole = f"before\n-----BEGIN OPENSSH PRIVATE " f"KEY-----\n{body}\n-----END OPENSSH PRIVATE " "KEY-----\nafter"
    assert NUMBERS.clean(whole)[0] == "before\n⟦private key⟧\nafter"
    cut = f"-----BEGIN RSA PRIVATE " f"KEY-----\n{body}"
    assert NUMBERS.clean(cut)[0] == "⟦private key⟧"


def test_a_jwt_is_taken_out_and_what_only_looks_like_one_stays() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
    assert NUMBERS.clean(f"a {token} b") == ("a ⟦token⟧ b", {Sensitive.TOKEN: 1})
    assert NUMBERS.clean("eyJub3RqdXN0anNvbg.abcdefghijkl.x")[1] == {}


def test_the_words_of_a_wallet_are_taken_out_near_their_name_and_prose_stays() -> None:
    words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    assert NUMBERS.clean(f"Seed phrase:\n{words}\nKeep it")[0] == "Seed phrase:\n⟦seed phrase⟧\nKeep it"
    numbered = " ".join(f"{place}. {word}" for place, word in enumerate(words.split(), 1))
    assert NUMBERS.clean(f"my recovery phrase {numbered}")[0] == "my recovery phrase ⟦seed phrase⟧"
    prose = "The seed phrase of the poem turns about birds that sing over quiet fields where farmers plant wheat."
    assert NUMBERS.clean(prose) == (prose, {})


def card(head: str, length: int, seed: int) -> str:
    body = head + lot(seed, length - len(head) - 1, string.digits)
    return next(body + check for check in string.digits if luhn(body + check))


def iban(country: str, seed: int, length: int) -> str:
    body = lot(seed, length - 4, string.digits)
    return next(made for check in range(100) if is_iban(made := f"{country}{check:02}{body}"))


CARDS = [card(head, length, seed) for seed, (head, length) in enumerate(
    [("4", 16), ("4571", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16), ("36", 14),
     ("3528", 16), ("62", 16), ("5019", 16)]
)]  # fmt: skip
IBANS = [iban(*one) for one in (
    ("DK", 1, 18), ("DE", 2, 22), ("SE", 3, 24), ("FI", 4, 18), ("ES", 5, 24), ("PL", 6, 28), ("AT", 7, 20)
)]  # fmt: skip
NATIONAL = [
    "219-09-9999", "078-05-1120", "070761-4285", "811218-9876", "19811218-9876", "131052-308T", "01010750160",
    "86095742719", "1 85 05 78 006 084 91", "12345678Z", "X1234567L", "RSSMRA85T10A562S", "AB123456C",
    "AB 12 34 56 C", "529.982.247-25",
]  # fmt: skip
NAMED_NATIONAL = [
    ("SSN {}", "219099999"), ("CPR-nr. {}", "1110109999"), ("cpr {}", "111010-9999"), ("BSN {}", "111222333"),
    ("passport number {}", "123456789"), ("Reisepass {}", "C01X00T47"),
    ("PESEL: {}", "44051401359"), ("CPF {}", "52998224725"), ("personnummer {}", "8112189876"),
]  # fmt: skip
FRAMES = (
    "The number is {}.", "Mit nummer er {}, tak", "Meine Nummer: {}", "Mon numéro est le {}", "número {}\n", "({})"
)  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("number", CARDS)
def test_the_number_of_a_card_is_taken_out_in_every_way_it_is_written(number: str, frame: str) -> None:
    ways = [number]
    if len(number) == 16:
        ways += [gap.join(number[at : at + 4] for at in range(0, 16, 4)) for gap in " -\u00a0"]
    made = [NUMBERS.clean(frame.format(way)) for way in ways]
    assert len({text for text, _ in made}) == 1
    assert {tuple(counts.items()) for _, counts in made} == {((Sensitive.CARD, 1),)}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("number", IBANS)
def test_the_number_of_an_account_is_taken_out_with_and_without_gaps(number: str, frame: str) -> None:
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    plain, gaps = (NUMBERS.clean(frame.format(way)) for way in (number, spaced))
    assert plain == gaps
    assert plain[1] == {Sensitive.BANK: 1}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("number", NATIONAL)
def test_the_number_of_a_person_is_taken_out(number: str, frame: str) -> None:
    text, counts = NUMBERS.clean(frame.format(number))
    assert number not in text
    assert counts == {Sensitive.NATIONAL: 1}


@pytest.mark.parametrize(("frame", "number"), NAMED_NATIONAL)
def test_a_number_with_a_weak_proof_is_taken_out_near_its_name_only(frame: str, number: str) -> None:
    assert NUMBERS.clean(frame.format(number))[1] == {Sensitive.NATIONAL: 1}
    assert NUMBERS.clean(f"order {number} was sent")[1] == {}


@pytest.mark.parametrize(
    ("frame", "number"),
    [
        ("Reg. 1234 Konto {}", "0001234567"), ("Kontonummer: {}", "1234 0001234567"),
        ("sort code {}, thanks", "12-34-56"),
        ("sort code 12-34-56 account {}", "12345678"), ("routing number {}", "021000021"),
    ],
)  # fmt: skip
def test_an_account_without_check_digits_is_told_by_the_words_before_it(frame: str, number: str) -> None:
    text, counts = NUMBERS.clean(frame.format(number))
    assert number not in text
    assert set(counts) == {Sensitive.BANK}


def test_a_wrong_check_digit_leaves_a_number_where_it_is() -> None:
    for number in (*CARDS, *IBANS):
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert NUMBERS.clean(f"number {wrong} here") == (f"number {wrong} here", {})


@pytest.mark.parametrize(
    "text",
    [
        "ISBN 978-0-306-40615-7 and ISBN 0-19-853453-1",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b fixes it",
        "md5 d41d8cd98f00b204e9800998ecf8427e, uuid 123e4567-e89b-12d3-a456-426614174000",
        "order 4012888888881882 0"[:8] + "no. 100200300400",
        "Call +45 20 30 40 50 or (508) 435-5016",
        "on 2023-05-06 at 14:10, version 1.2.3.4, pi is 3.14159265358979",
        "The password must be at least 8 characters long. Password: required. password = getpass()",
        "def login(password: str, token: str | None = None) -> bool: ...",
        "password=args.password, secret=config['secret']",
        "The key is in the door and the code is easy to read; the token is a word.",
        "1995 is the year in which the first version of the code was written",
        "primary_key=True; foreign_key: user.id",
        "see http://localhost:8080/path@v1?page=2&key=name",
        "tan(1234) and PIN diode; pin 3 is ground",
        "0.4111111111111111 and 1672531200000000 microseconds",
        "EAN 4006381333931",
        "the 1965 version of the code to the 1967 version; error code: 404; code = 12345",
        "the password is MD5-encrypted, and the password is SHA256 hashed; Pass argv[0] to it",
        "Passwords: overview\nPassword policy\nPassword:\n",
        "Use 200 to 300 grams, and enter 2024 as the year",
        "account for 12 of 100 cases; a pass at 2,400 m; mountain pass: 2400 m",
        "Client(address, authkey=b'secret password') as conn: print(conn.recv()) # => [2.25, None, 'junk']",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert NUMBERS.clean(text) == (text, {})


def test_the_same_number_has_the_same_pseudonym_in_one_vault_and_another_in_another() -> None:
    number = CARDS[0]
    here = NUMBERS.clean(f"a {number} b")[0]
    assert here == NUMBERS.clean(f"a {number} b")[0]
    assert here != Scrubber(Profile.NUMBERS, bytes(32)).clean(f"a {number} b")[0]
    assert here[2:].startswith("⟦card:") and here.endswith("⟧ b")


def test_profiles_take_what_they_say() -> None:
    text = f"Password: hunter2, card {CARDS[0]}, mail anna@example.org, tlf. 20 30 40 50 or +45 20 30 40 60"
    assert set(Scrubber(Profile.SECRETS, KEY).clean(text)[1]) == {Sensitive.PASSWORD}
    assert set(NUMBERS.clean(text)[1]) == {Sensitive.PASSWORD, Sensitive.CARD}
    assert CONTACTS.clean(text)[1] == {
        Sensitive.PASSWORD: 1, Sensitive.CARD: 1, Sensitive.MAIL: 1, Sensitive.PHONE: 2
    }  # fmt: skip


def test_an_address_written_in_capitals_is_the_same_person() -> None:
    assert CONTACTS.clean("Anna@Example.org")[0] == CONTACTS.clean("anna@example.org")[0]


def test_marks_move_with_the_text_and_their_names_are_scrubbed() -> None:
    text = f"Intro\n\nCard {CARDS[0]}\n\nNext part\nPassword: hunter2\n\nLast"
    marks = [Mark(0, 1, "Intro"), Mark(7, 1, f"Card {CARDS[0]}"), Mark(text.index("Next"), 2, "Next part"),
             Mark(text.index("hunter") + 3, 2, "within"), Mark(text.index("Last"), 1, "Last")]  # fmt: skip
    made = NUMBERS.scrub(text, marks)
    assert [mark.at for mark in made.marks] == [
        0, 7, made.text.index("Next"), made.text.index("⟦password⟧"), made.text.index("Last")
    ]  # fmt: skip
    assert CARDS[0] not in made.marks[1].name


def test_find_secrets_says_where_things_stand_and_of_what_class() -> None:
    text = f"x Password: hunter2 y {CARDS[0]}"
    assert [(one.sensitive, text[one.start : one.stop]) for one in find_secrets(text)] == [
        (Sensitive.PASSWORD, "hunter2"),
        (Sensitive.CARD, CARDS[0]),
    ]


def test_a_key_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Scrubber(Profile.NUMBERS, b"short")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(
    [*CARDS, *IBANS, *NATIONAL, "password: ", "Passwort ist ", "hunter2", "api_key=", "https://a:b@c", "?token=",
     "⟦", "⟧", "\n", " ", "PIN 1234", "ghp" + "_" + lot(3, 36), "İ", "é", "🎈", "\x00", "recovery codes ",
     "-----BEGIN PRIVATE " "KEY-----"]
), max_size=14).map("".join))  # fmt: skip
def test_scrubbing_twice_is_scrubbing_once_and_spans_are_in_order(text: str) -> None:
    found = find_secrets(text, Profile.CONTACTS)
    assert all(0 <= one.start < one.stop <= len(text) for one in found)
    assert all(one.stop <= other.start for one, other in pairwise(found))
    once, _ = CONTACTS.clean(text)
    assert CONTACTS.clean(once) == (once, {})


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=120), st.sampled_from(["password: ", "code is ", "+45", "⟦card", "\u0130 key="]), st.text())
def test_any_text_is_scrubbed_without_a_fault_and_marks_stay_in_order(one: str, middle: str, other: str) -> None:
    text = one + middle + other
    made = CONTACTS.scrub(text, [Mark(0, 1, one), Mark(len(one), 2, middle), Mark(len(text), 1, other)])
    assert [mark.at for mark in made.marks] == sorted(mark.at for mark in made.marks)
    assert made.marks[-1].at == len(made.text)
    assert CONTACTS.clean(made.text) == (made.text, {})


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "password:", "Password ", "A1", "x.", "://", "?token=", "seed ", "-", "key=", "code 1", "@a.",
     "recovery code ", "a" * 15 + " ", "DE89 ", "-----BEGIN PRIVATE " "KEY-----", "eyJ", "sk-", "aws ", "+1", "\n",
     "authorization:", "cookie:", "curl -", "softlayer", "cloudant_"],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    began = time.perf_counter()
    find_secrets(text, Profile.CONTACTS)
    assert time.perf_counter() - began < 10
