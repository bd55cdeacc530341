# words.pl: Polish
#
# Terms: Urząd Ochrony Danych Osobowych (uodo.gov.pl), as on its own pages: „pliki cookies”, „zgoda”, „wycofanie zgody”,
# „niezbędne”; Prawo komunikacji elektronicznej, art. 399.

language = Polski
dir = ltr

accept = Akceptuj wszystkie
reject = Odrzuć wszystkie
choose = Wybierz
save = Zapisz mój wybór
close = Zamknij
notice = Polityka prywatności
link = Ustawienia plików cookies

banner.title = Pliki cookies w tym serwisie
banner.text = Oprócz plików cookies niezbędnych do działania serwisu chcemy używać innych. Wybór należy do Państwa; \
    zgodę można wycofać w każdej chwili.

confirm = Państwa wybór został zapisany.
confirm.change = Zmień

page.title = Ustawienia plików cookies
page.intro = Tutaj widać każdy plik cookie tego serwisu i jego cel oraz można zdecydować, które rodzaje wolno stosować. \
    Zgodę można wycofać w każdej chwili: działa to natychmiast, a pliki, na które nie ma już zgody, są usuwane.
page.version = Polityka cookies, wersja {{version}}
page.decided = Wyboru dokonano dnia {{decided}}.
page.undecided = Wyboru jeszcze nie dokonano.
page.back = Powrót do poprzedniej strony
page.report = Ten serwer testuje swoją politykę: zapisuje wybór, ale jeszcze go nie egzekwuje.
page.unsaved = Nie można było zapisać wyboru: przeglądarka wydaje się odrzucać pliki cookies.
page.categories = Co wolno stosować

signal.gpc = Przeglądarka wysyła sygnał Global Privacy Control: sprzeciw wobec sprzedaży i udostępniania danych.
signal.dnt = Przeglądarka wysyła sygnał Do Not Track.
signal.denies = Uznajemy go za odmowę: {{categories}}.
signal.outweighed = Zgoda udzielona tutaj ma pierwszeństwo.

category.necessary = Zawsze stosowane: bez nich serwis nie działa.
category.allow = Zezwól: {{title}}
category.source = Rozstrzygnięte w innym narzędziu zgody tego serwisu.
category.final = Odrzucone przez sygnał przeglądarki, którego ten serwis zawsze przestrzega.
category.signal = Odrzucone przez sygnał przeglądarki, chyba że udzielą Państwo zgody tutaj.
category.optout = Stosowane, chyba że zostaną odrzucone.
category.empty = Nie zadeklarowano żadnego pliku cookie tego rodzaju.

cookie.caption = Pliki cookies: {{title}}
cookie.name = Nazwa
cookie.lifetime = Okres przechowywania
cookie.purpose = Cel
cookie.provider = Dostawca
cookie.held = Teraz w przeglądarce
cookie.yes = Tak
cookie.no = Nie
provider.notice = Polityka prywatności: {{provider}}
provider.optout = Sprzeciw: {{provider}}

own.title = Pliki cookies, które przechowują Państwa wybór
own.text = Zapamiętują dokonany tutaj wybór i wyświetlone komunikaty, i nic więcej. Są zawsze stosowane.
own.record = Przechowuje dokonany wybór
own.seen = Zapamiętuje, że komunikat został wyświetlony
own.dismissed = Zapamiętuje, że komunikat został zamknięty
own.choice = Potwierdza na następnej stronie, że wybór został zapisany
own.source = Przechowuje wybór dokonany w innym narzędziu zgody tego serwisu
own.site = Ten serwis
own.lifetime = Zgodnie z ustawieniem dostawcy

placeholder = Treść dostawcy {{provider}} nie jest wyświetlana, ponieważ nie ma zgody na: {{category}}.
placeholder.unknown = Treść z innego serwisu nie jest wyświetlana, ponieważ nie ma zgody na: {{category}}.

lifetime.session = Do zamknięcia przeglądarki
lifetime.any = Bez ograniczeń
years.one = {{n}} rok
years.few = {{n}} lata
years.many = {{n}} lat
years.other = {{n}} roku
months.one = {{n}} miesiąc
months.few = {{n}} miesiące
months.many = {{n}} miesięcy
months.other = {{n}} miesiąca
weeks.one = {{n}} tydzień
weeks.few = {{n}} tygodnie
weeks.many = {{n}} tygodni
weeks.other = {{n}} tygodnia
days.one = {{n}} dzień
days.few = {{n}} dni
days.many = {{n}} dni
days.other = {{n}} dnia
hours.one = {{n}} godzina
hours.few = {{n}} godziny
hours.many = {{n}} godzin
hours.other = {{n}} godziny
minutes.one = {{n}} minuta
minutes.few = {{n}} minuty
minutes.many = {{n}} minut
minutes.other = {{n}} minuty
seconds.one = {{n}} sekunda
seconds.few = {{n}} sekundy
seconds.many = {{n}} sekund
seconds.other = {{n}} sekundy
