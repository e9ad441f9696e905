"""Promises of reading an address: one person is one key, a message goes where it was meant, and a doubt is refused."""

import hmac
import string

import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.domain import emails, phones
from connector.domain.addresses import Address, AddressKind, InvalidAddress, address_key, bucket_of, parse
from connector.domain.words import Channel

NUMBER, EMAIL, WHATSAPP_ID = AddressKind


@pytest.mark.parametrize(
    ("raw", "region", "wire"),
    [
        ("+14155550123", None, "+14155550123"),
        ("  +14155550123\n", None, "+14155550123"),
        ("+1 (415) 555-0123", None, "+14155550123"),
        ("(415) 555-0123", "US", "+14155550123"),
        ("415.555.0123", "us", "+14155550123"),  # a region in small letters
        ("whatsapp:+14155550123", None, "+14155550123"),  # Twilio
        ("tel:+1-415-555-0123", None, "+14155550123"),  # RFC 3966
        ("tel:+1-415-555-0123;ext=5", None, "+14155550123"),  # an extension can't be sent to
        ("(415) 555-0123 ext. 5", "US", "+14155550123"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+33 (0)6 12 34 56 78", None, "+33612345678"),  # the trunk 0 goes
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("0033612345678", "FR", "+33612345678"),
        ("0033612345678", "US", "+33612345678"),  # "00" is nothing in the US, so it means "+"
        ("0033612345678", None, "+33612345678"),
        ("01133612345678", "US", "+33612345678"),  # dialled from the US
        ("+39 06 698 12345", None, "+390669812345"),  # Italy keeps its 0
        ("06 698 12345", "IT", "+390669812345"),
        ("+1４１５５５５０１２３", None, "+14155550123"),  # full width
        ("＋14155550123", None, "+14155550123"),
        ("+٩٧١٥٠١٢٣٤٥٦٧", None, "+971501234567"),  # Arabic digits
        ("\u202a+1 415\u2011555\u20110123\u202c", None, "+14155550123"),  # copied from a contact: marks, unbreakable
        ("+1\u00a0415\u00a0555\u00a00123", None, "+14155550123"),
        ("\ufeff+14155550123", None, "+14155550123"),  # the first cell of a CSV file
        ("'+14155550123", None, "+14155550123"),  # how spreadsheets keep a text
        ("4155550123.0", "US", "+14155550123"),  # a column with a hole, read as floats
        ("+15550123", None, "+15550123"),  # possible, though no area code
        ("+442079460000", None, "+442079460000"),
        ("+447911123456", None, "+447911123456"),  # Guernsey by its region; not ours to refuse
    ],
)
def test_a_number_is_read_however_it_is_written(raw, region, wire):
    assert parse(NUMBER, raw, region) == Address(NUMBER, wire, wire)


@pytest.mark.parametrize(
    ("raw", "region", "wire"),
    [
        (14155550123, "US", "+14155550123"),
        (4155550123, "US", "+14155550123"),
        (14155550123, "IN", "+14155550123"),  # too long for India
        (14155550123, "DE", "+14155550123"),
        (14155550123, None, "+14155550123"),  # 11 digits and valid with +
        (919876543210, "IN", "+919876543210"),
        (919876543210, "US", "+919876543210"),
        (9876543210, "IN", "+919876543210"),
        ("5531996883193", "US", "+5531996883193"),
        ("15555550100", "FR", "+15555550100"),  # not valid, but 11 digits that France can't have
        ("4531234567", "DK", "+4531234567"),
        ("4531234567", "US", "+4531234567"),  # +1 453 is nobody, +45 31234567 is a Danish mobile
        ("6505551234", "US", "+16505551234"),  # a valid Californian stays one, whatever +65 makes of it
        ("2025550123", "US", "+12025550123"),
        ("11987654321", "BR", "+5511987654321"),
        ("13812345678", "CN", "+8613812345678"),  # not +1 381 …
        ("15012345678", "CN", "+8615012345678"),  # not Arkansas, though +1 501 234 5678 is valid
        ("491701234567", "DE", "+491701234567"),
        ("1701234567", "DE", "+491701234567"),
        ("4919276543", "DE", "+494919276543"),  # the landline 0491 9276543, its 0 lost in a spreadsheet
    ],
)
def test_digits_alone_are_read_at_home_first_and_then_as_if_with_a_plus(raw, region, wire):
    assert parse(NUMBER, raw, region).wire == wire


@settings(max_examples=1000)
@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.integers(0, 10**9), st.data())
def test_a_valid_national_number_is_never_taken_for_a_foreign_one(region, change, data):
    kind = data.draw(st.sampled_from([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE]))
    sample = phonenumbers.example_number_for_type(region, kind)
    if sample is None:
        return
    national = phonenumbers.national_significant_number(sample)
    digits = national[:4] + str(change).zfill(9)[-(len(national) - 4) :] if len(national) > 4 else national
    meant = phonenumbers.parse(digits, region)
    if not phonenumbers.is_valid_number_for_region(meant, region):
        return

    address = parse(NUMBER, digits, region)

    assert address.wire in (phonenumbers.format_number(meant, phonenumbers.PhoneNumberFormat.E164), f"+{digits}")
    assert address.wire.startswith(f"+{meant.country_code}")


@pytest.mark.parametrize(
    ("given", "other", "canonical"),
    [
        ("+553196883193", "+5531996883193", "+5531996883193"),  # Brazil, before and after the ninth digit
        ("+5215512345678", "+525512345678", "+525512345678"),  # Mexico, before and after August 2019
        ("+5491123456789", "+541123456789", "+541123456789"),  # Argentina, from abroad and otherwise
    ],
)
def test_the_spellings_of_one_phone_are_one_address_and_each_is_sent_to_as_given(given, other, canonical):
    one, two = parse(NUMBER, given, None), parse(NUMBER, other, None)

    assert (one.canonical, two.canonical) == (canonical, canonical)
    assert (one.wire, two.wire) == (given, other)
    assert parse(WHATSAPP_ID, given[1:], None) == one


@pytest.mark.parametrize(
    ("raw", "region", "canonical"),
    [
        ("31 9688-3193", "BR", "+5531996883193"),  # eight digits at home
        ("4596883193", "BR", "+5545996883193"),  # Cascavel, not Denmark
        ("5215512345678", "MX", "+525512345678"),
        ("011 15-2345-6789", "AR", "+541123456789"),
        ("+553132345678", None, "+553132345678"),  # a landline in Brazil has eight digits
        ("+525512345678", None, "+525512345678"),
    ],
)
def test_spellings_fold_at_home_too_and_landlines_stay(raw, region, canonical):
    assert parse(NUMBER, raw, region).canonical == canonical


@pytest.mark.parametrize(
    ("kind", "raw", "region"),
    [
        (NUMBER, "", None),
        (NUMBER, "   ", "US"),
        (NUMBER, "+", None),
        (NUMBER, "+0", None),
        (NUMBER, "+1999999999999999999", None),  # too long
        (NUMBER, "+999 4155550123", "US"),  # no such country; never read as American
        (NUMBER, "72975", "US"),  # a short code
        (NUMBER, "4155550123", None),  # 10 digits without a region may be anybody's
        (NUMBER, "13812345678", None),  # a Chinese mobile, or +1 381: not valid there
        (NUMBER, "4155550123 please", "US"),  # letters would become digits
        (NUMBER, "0170 123 bob", "DE"),
        (NUMBER, "Jane +14155550123", "US"),
        (NUMBER, "4155550123, 4155550124", "US"),
        (NUMBER, "4155550123/4155550124", "US"),
        (NUMBER, "4.15555E+09", "US"),  # a spreadsheet rounded it
        (NUMBER, "4.15555E9", "US"),
        (NUMBER, "+1415\x005550123", None),
        (NUMBER, "+1415\n5550123", None),
        (NUMBER, "\ud800", None),
        (NUMBER, "1" * 321, "US"),
        (NUMBER, "+" + " " * 400 + "14155550123", None),
        (NUMBER, "jane@example.com", "US"),
        (NUMBER, True, "US"),
        (NUMBER, -14155550123, "US"),
        (NUMBER, 0, "US"),
        (NUMBER, 10**16, "US"),
        (NUMBER, "4155550123", "XX"),  # no such region
        (NUMBER, "5551234;phone-context=+1415", "US"),
        (EMAIL, "jane", None),
        (EMAIL, "jane@localhost", None),
        (EMAIL, "joan@example.test", None),  # as the library: for tests there is example.com
        (EMAIL, "jane@b", None),
        (EMAIL, "Jane <jane@example.com>", None),
        (EMAIL, "joan@example.com, joe@example.com", None),
        (EMAIL, '"jane doe"@example.com', None),
        (EMAIL, "jane@[127.0.0.1]", None),
        (EMAIL, "jane@exa_mple.com", None),
        (EMAIL, "jane\r\nBcc: joe@example.com", None),
        (EMAIL, "j" * 310 + "@example.com", None),
        (EMAIL, 14155550123, None),
        (WHATSAPP_ID, "US", None),
        (WHATSAPP_ID, "US.", None),
        (WHATSAPP_ID, "us.13491208655302741918", None),
        (WHATSAPP_ID, "US." + "1" * 129, None),
        (WHATSAPP_ID, "US.1349 1208", None),
        (WHATSAPP_ID, "123", None),
        (WHATSAPP_ID, "@jane", None),
        (WHATSAPP_ID, "", None),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(kind, raw, region):
    with pytest.raises(InvalidAddress) as refused:
        parse(kind, raw, region)

    assert refused.value.code == "invalid_address"
    assert len(str(raw)[:9].strip()) < 5 or str(raw)[:9].strip() not in refused.value.detail


def test_a_number_too_long_to_be_written_down_is_refused():
    with pytest.raises(InvalidAddress):
        parse(NUMBER, 10**5000, "US")


def test_a_national_number_without_a_region_is_told_what_to_do():
    with pytest.raises(InvalidAddress, match="write it with \\+ and the code, or set a default region"):
        parse(NUMBER, "(415) 555-0123", None)


@pytest.mark.parametrize("kind", AddressKind)
@pytest.mark.parametrize(
    "raw",
    [
        "{{ contact.phone }}",
        "{{bundle.inputData.phone}}",
        "={{ $json.phone }}",
        "@{triggerBody()?['phone']}",
        "+1415{{ phone }}",
        "phone }}",
        "{{email}}@example.com",  # by the grammar of addresses, braces may stand there
    ],
)
def test_a_template_that_nobody_filled_is_named_as_such(kind, raw):
    with pytest.raises(InvalidAddress) as refused:
        parse(kind, raw, "US")

    assert refused.value.code == "unresolved_template"


@pytest.mark.parametrize(
    ("raw", "canonical", "wire"),
    [
        ("Jane.Doe@Example.COM", "jane.doe@example.com", "Jane.Doe@example.com"),
        (" jane@example.com\n", "jane@example.com", "jane@example.com"),
        ("mailto:jane@example.com", "jane@example.com", "jane@example.com"),
        ("MAILTO:jane@example.com", "jane@example.com", "jane@example.com"),
        ("INFO@example.com", "info@example.com", "info@example.com"),  # RFC 2142 names have no capitals
        ("jane+news@example.com", "jane+news@example.com", "jane+news@example.com"),  # tags are kept
        ("j.a.n.e@gmail.com", "j.a.n.e@gmail.com", "j.a.n.e@gmail.com"),  # and so are dots
        ("FOO@BÜCHER.example", "foo@xn--bcher-kva.example", "FOO@xn--bcher-kva.example"),
        ("FOO@xn--bcher-kva.example", "foo@xn--bcher-kva.example", "FOO@xn--bcher-kva.example"),
        ("Jose\u0301@example.com", "josé@example.com", "José@example.com"),  # NFC
        ("STRASSE@example.com", "strasse@example.com", "STRASSE@example.com"),
        ("straße@example.com", "strasse@example.com", "straße@example.com"),  # a key may cover too much
    ],
)
def test_an_email_has_one_key_and_keeps_its_capitals_on_the_way(raw, canonical, wire):
    assert parse(EMAIL, raw, None) == Address(EMAIL, canonical, wire)


LABEL = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
LOCAL = st.text(string.ascii_letters + string.digits + "._+-!'{ é\"@", min_size=0, max_size=20)
TOPS = st.sampled_from(["com", "COM", "de", "test", "local", "invalid", "c0m", "xn--p1ai", "onion", "x", "arpa"])


@settings(max_examples=1500)
@given(st.one_of(LOCAL, st.sampled_from(["Info", "WWW", "postmaster"])), st.lists(LABEL, max_size=5), TOPS)
@example("a", ["xn--a"], "com")
@example("a", ["ab--c"], "com")
@example("a" * 64, ["b" * 50] * 2, "com")
@example("a", ["b" * 51], "com")
def test_the_quick_way_to_read_an_email_answers_as_the_library_does(local, labels, top):
    text = f"{local}@{'.'.join([*labels, top])}"
    try:
        library = validate_email(text, check_deliverability=False)
        expected = (library.local_part, library.ascii_domain)
    except EmailNotValidError:
        expected = None

    quick = emails._plain(text)

    assert quick is None or quick == expected


CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@settings(max_examples=3000)
@given(
    st.one_of(st.sampled_from(CODES), st.integers(0, 999)),
    st.one_of(st.from_regex(r"[0-9]{1,16}", fullmatch=True), st.from_regex(r"0[0-9]{5,12}", fullmatch=True)),
)
@example(1, "14155550123")
@example(54, "91123456789")
@example(55, "3196883193")
@example(39, "0669812345")
@example(7, "88005553535")
@example(290, "0000")
@example(0, "4915112345678")
def test_the_quick_way_to_read_a_number_answers_as_the_library_does(code, national):
    try:
        library = phonenumbers.parse(f"+{code}{national}", None)
        possible = phonenumbers.is_possible_number(library)
        expected = phonenumbers.format_number(library, phonenumbers.PhoneNumberFormat.E164) if possible else None
    except phonenumbers.NumberParseException:
        expected = None

    number = phones._read_abroad(f"{code}{national}")

    if number is None or phones.fold(number.wire) == number.wire:
        assert (number and number.wire) == expected
    else:  # the library knows one of the spellings, and in Mexico only one is possible
        assert phones.fold(number.wire) == number.canonical
        assert phonenumbers.is_possible_number(phonenumbers.parse(number.canonical, None))


@given(
    st.sampled_from(AddressKind), st.one_of(st.text(max_size=40), st.integers()), st.sampled_from([None, "US", "BR"])
)
def test_whatever_comes_in_there_is_an_address_or_a_refusal(kind, raw, region):
    try:
        address = parse(kind, raw, region)
    except InvalidAddress:
        return

    assert parse(address.kind, address.wire, None) == address, "what goes out reads the same when it comes back"


def test_a_whatsapp_id_is_a_phone_unless_the_person_has_a_user_id_only():
    phone = parse(WHATSAPP_ID, "14155550123", None)
    prefixed = parse(WHATSAPP_ID, "whatsapp:+14155550123", None)
    person = parse(WHATSAPP_ID, "US.13491208655302741918", None)
    parent = parse(WHATSAPP_ID, "US.ENT.13491208655302741918", None)

    assert phone == prefixed == parse(NUMBER, "+14155550123", None)
    assert person == Address(WHATSAPP_ID, "wa:US.13491208655302741918", "US.13491208655302741918")
    assert parent.canonical == "wa:US.ENT.13491208655302741918"


def test_an_address_fits_the_channels_that_reach_it():
    number, email = parse(NUMBER, "+14155550123", None), parse(EMAIL, "jane@example.com", None)
    person = parse(WHATSAPP_ID, "US.13491208655302741918", None)

    assert number.channels == (Channel.SMS, Channel.WHATSAPP, Channel.RCS, Channel.TRUECALLER, Channel.VOICE)
    assert email.channels == (Channel.EMAIL,)
    assert person.channels == (Channel.WHATSAPP,)
    for address in (number, email, person):
        assert [channel for channel in Channel if address.fits(channel)] == [Channel.ALL, *address.channels]


def test_the_key_is_the_start_of_a_keyed_hash_of_the_canonical_form():
    jane, same_jane = parse(EMAIL, "Jane@example.com", None), parse(EMAIL, "jane@EXAMPLE.com", None)

    key = address_key(jane, b"secret")

    assert key == hmac.new(b"secret", b"jane@example.com", "sha256").digest()[:16]
    assert key == address_key(same_jane, b"secret")
    assert key != address_key(jane, b"another secret")


def test_the_bucket_never_moves_and_buckets_fill_evenly():
    pinned = [bucket_of(1, "+14155550123"), bucket_of(2, "+14155550123"), bucket_of(1, "jane@example.com")]
    assert pinned == [144, 75, 187], "stored rows carry their bucket: another hash needs a migration"

    filled = [0] * 256
    for last in range(25_600):
        filled[bucket_of(7, f"+1415555{last:05}")] += 1
    assert min(filled) > 60
    assert max(filled) < 140
