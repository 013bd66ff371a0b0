"""Tables that Braze checks standard fields and currencies against.

ISO 3166-1 countries with common English names, ISO 639-1 languages, ISO 4217 currencies, IANA time zones
and the Rails-style zone names that the dashboard uses.
"""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
YT ZA ZM ZW
"""

_COUNTRY_NAMES = """
AD=Andorra; AE=United Arab Emirates; AF=Afghanistan; AI=Anguilla; AL=Albania; AM=Armenia; AO=Angola;
AQ=Antarctica; AR=Argentina; AT=Austria; AU=Australia; AW=Aruba; AX=Åland Islands; AZ=Azerbaijan;
BB=Barbados; BD=Bangladesh; BE=Belgium; BF=Burkina Faso; BG=Bulgaria; BH=Bahrain; BI=Burundi; BJ=Benin;
BL=St Barthelemy; BM=Bermuda; BN=Brunei; BO=Bolivia; BQ=Caribbean NL; BR=Brazil; BS=Bahamas; BT=Bhutan;
BV=Bouvet Island; BW=Botswana; BY=Belarus; BZ=Belize; CA=Canada; CF=Central African Rep.; CH=Switzerland;
CI=Côte d'Ivoire; CK=Cook Islands; CL=Chile; CM=Cameroon; CN=China; CO=Colombia; CR=Costa Rica; CU=Cuba;
CV=Cape Verde; CW=Curaçao; CX=Christmas Island; CY=Cyprus; CZ=Czech Republic; DE=Germany; DJ=Djibouti;
DK=Denmark; DM=Dominica; DO=Dominican Republic; DZ=Algeria; EC=Ecuador; EE=Estonia; EG=Egypt; EH=Western
Sahara; ER=Eritrea; ES=Spain; ET=Ethiopia; FI=Finland; FJ=Fiji; FK=Falkland Islands; FM=Micronesia;
FO=Faroe Islands; FR=France; GA=Gabon; GD=Grenada; GE=Georgia; GF=French Guiana; GG=Guernsey; GH=Ghana;
GI=Gibraltar; GL=Greenland; GM=Gambia; GN=Guinea; GP=Guadeloupe; GQ=Equatorial Guinea; GR=Greece;
GT=Guatemala; GU=Guam; GW=Guinea-Bissau; GY=Guyana; HK=Hong Kong; HN=Honduras; HR=Croatia; HT=Haiti;
HU=Hungary; ID=Indonesia; IE=Ireland; IL=Israel; IM=Isle of Man; IN=India; IO=British Indian Ocean
Territory; IQ=Iraq; IR=Iran; IS=Iceland; IT=Italy; JE=Jersey; JM=Jamaica; JO=Jordan; JP=Japan; KE=Kenya;
KG=Kyrgyzstan; KH=Cambodia; KI=Kiribati; KM=Comoros; KW=Kuwait; KY=Cayman Islands; KZ=Kazakhstan;
LA=Laos; LB=Lebanon; LC=St Lucia; LI=Liechtenstein; LK=Sri Lanka; LR=Liberia; LS=Lesotho; LT=Lithuania;
LU=Luxembourg; LV=Latvia; LY=Libya; MA=Morocco; MC=Monaco; MD=Moldova; ME=Montenegro; MG=Madagascar;
MH=Marshall Islands; MK=North Macedonia; ML=Mali; MN=Mongolia; MO=Macau; MP=Northern Mariana Islands;
MQ=Martinique; MR=Mauritania; MS=Montserrat; MT=Malta; MU=Mauritius; MV=Maldives; MW=Malawi; MX=Mexico;
MY=Malaysia; MZ=Mozambique; NA=Namibia; NC=New Caledonia; NE=Niger; NF=Norfolk Island; NG=Nigeria;
NI=Nicaragua; NL=Netherlands; NO=Norway; NP=Nepal; NR=Nauru; NU=Niue; NZ=New Zealand; OM=Oman; PA=Panama;
PE=Peru; PF=French Polynesia; PG=Papua New Guinea; PH=Philippines; PK=Pakistan; PL=Poland; PN=Pitcairn;
PR=Puerto Rico; PS=Palestine; PT=Portugal; PW=Palau; PY=Paraguay; QA=Qatar; RE=Réunion; RO=Romania;
RS=Serbia; RU=Russia; RW=Rwanda; SA=Saudi Arabia; SB=Solomon Islands; SC=Seychelles; SD=Sudan; SE=Sweden;
SG=Singapore; SH=St Helena; SI=Slovenia; SK=Slovakia; SL=Sierra Leone; SM=San Marino; SN=Senegal;
SO=Somalia; SR=Suriname; SS=South Sudan; SV=El Salvador; SY=Syria; TD=Chad; TF=French S. Terr.; TG=Togo;
TH=Thailand; TJ=Tajikistan; TK=Tokelau; TL=East Timor; TM=Turkmenistan; TN=Tunisia; TO=Tonga; TR=Turkey;
TV=Tuvalu; TW=Taiwan; TZ=Tanzania; UA=Ukraine; UG=Uganda; UM=US minor outlying islands; US=United States;
UY=Uruguay; UZ=Uzbekistan; VA=Vatican City; VC=St Vincent; VE=Venezuela; VN=Vietnam; VU=Vanuatu;
YE=Yemen; YT=Mayotte; ZA=South Africa; ZM=Zambia; ZW=Zimbabwe; GB=United Kingdom; GB=Great Britain;
GB=England; US=United States of America; US=USA; KR=Korea, Republic of; RU=Russian Federation; VN=Viet
Nam; CZ=Czechia; NL=Holland; NL=The Netherlands; IE=EIRE; TR=Türkiye; HK=Hong Kong SAR; ZA=RSA
"""

_LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz
ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik
io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml
mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd
se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi
vo wa wo xh yi yo za zh zu
"""

_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV
WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""

_RAILS_ZONES = """
International Date Line West; Midway Island; American Samoa; Hawaii; Alaska; Pacific Time (US & Canada);
Tijuana; Mountain Time (US & Canada); Arizona; Chihuahua; Mazatlan; Central Time (US & Canada);
Saskatchewan; Guadalajara; Mexico City; Monterrey; Central America; Eastern Time (US & Canada); Indiana
(East); Bogota; Lima; Quito; Atlantic Time (Canada); Caracas; La Paz; Santiago; Newfoundland; Brasilia;
Buenos Aires; Montevideo; Georgetown; Puerto Rico; Greenland; Mid-Atlantic; Azores; Cape Verde Is.;
Dublin; Edinburgh; Lisbon; London; Casablanca; Monrovia; UTC; Belgrade; Bratislava; Budapest; Ljubljana;
Prague; Sarajevo; Skopje; Warsaw; Zagreb; Brussels; Copenhagen; Madrid; Paris; Amsterdam; Berlin; Bern;
Zurich; Rome; Stockholm; Vienna; West Central Africa; Bucharest; Cairo; Helsinki; Kyiv; Riga; Sofia;
Tallinn; Vilnius; Athens; Istanbul; Minsk; Jerusalem; Harare; Pretoria; Kaliningrad; Moscow; St.
Petersburg; Volgograd; Samara; Kuwait; Riyadh; Nairobi; Baghdad; Tehran; Abu Dhabi; Muscat; Baku;
Tbilisi; Yerevan; Kabul; Ekaterinburg; Islamabad; Karachi; Tashkent; Chennai; Kolkata; Mumbai; New Delhi;
Kathmandu; Dhaka; Sri Jayawardenepura; Almaty; Astana; Novosibirsk; Rangoon; Bangkok; Hanoi; Jakarta;
Krasnoyarsk; Beijing; Chongqing; Hong Kong; Urumqi; Kuala Lumpur; Singapore; Taipei; Perth; Irkutsk;
Ulaanbaatar; Seoul; Osaka; Sapporo; Tokyo; Yakutsk; Darwin; Adelaide; Canberra; Melbourne; Sydney;
Brisbane; Hobart; Vladivostok; Guam; Port Moresby; Magadan; Srednekolymsk; Solomon Is.; New Caledonia;
Fiji; Kamchatka; Marshall Is.; Auckland; Wellington; Nuku'alofa; Tokelau Is.; Chatham Is.; Samoa
"""

COUNTRIES = frozenset(_COUNTRY_CODES.split())
COUNTRY_OF_NAME = {
    name.strip().lower(): code
    for code, name in (pair.split("=") for pair in _COUNTRY_NAMES.replace("\n", " ").split(";"))
    for code in [code.strip()]
}
LANGUAGES = frozenset(_LANGUAGES.split())
CURRENCIES = frozenset(_CURRENCIES.split())
RAILS_ZONES = frozenset(name.strip() for name in _RAILS_ZONES.replace("\n", " ").split(";"))
_ZONE_FORM = re.compile(r"^[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}$")


@cache
def _iana_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_time_zone(name: str) -> bool:
    """Whether Braze would set this zone; without a zone database only the form is checked."""
    zones = _iana_zones()
    return name in RAILS_ZONES or (name in zones if zones else bool(_ZONE_FORM.match(name)))


def country_code(text: str) -> str | None:
    """Return the two-letter code for a code or a common English name, else None."""
    upper = text.strip().upper()
    if upper in COUNTRIES:
        return upper
    return COUNTRY_OF_NAME.get(text.strip().lower())
