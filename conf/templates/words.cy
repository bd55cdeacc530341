# words.cy: Welsh
#
# Terms: Information Commissioner's Office in Welsh (cy.ico.org.uk): "cwci", "cwcis", "polisi cwcis", "hysbysiad
# preifatrwydd", "diben". For what visitors do, as public bodies in Wales have it in their banners and policies: "Derbyn
# popeth", "Gwrthod popeth", "caniatâd" (of consent as the law defines it, Welsh statutes and the ICO say "cydsyniad").

language = Cymraeg
dir = ltr

accept = Derbyn popeth
reject = Gwrthod popeth
choose = Dewis
save = Cadw fy newisiadau
close = Cau
notice = Hysbysiad preifatrwydd
link = Gosodiadau cwcis

banner.title = Cwcis ar y wefan hon
banner.text = Yn ogystal â’r cwcis sydd eu hangen ar y wefan, hoffem ddefnyddio rhai eraill. Chi sy’n penderfynu pa rai, \
    a gallwch newid eich meddwl unrhyw bryd.

confirm = Mae eich dewis wedi’i gadw.
confirm.change = Ei newid

page.title = Gosodiadau cwcis
page.intro = Yma gallwch weld pob cwci ar y wefan hon a’i ddiben, a phenderfynu pa fathau y ceir eu defnyddio. Gallwch \
    dynnu eich caniatâd yn ôl unrhyw bryd: mae’n dod i rym ar unwaith, a chaiff cwcis nad ydych yn eu caniatáu mwyach \
    eu dileu.
page.version = Polisi cwcis, fersiwn {{version}}
page.decided = Gwnaethoch eich dewis ar {{decided}}.
page.undecided = Nid ydych wedi dewis eto.
page.back = Yn ôl i’r dudalen flaenorol
page.report = Mae’r gweinydd hwn yn treialu ei bolisi: mae’n cadw eich dewis, ond nid yw’n ei weithredu eto.
page.unsaved = Nid oedd modd cadw eich dewis: mae’n ymddangos bod eich porwr yn gwrthod cwcis.
page.categories = Beth y ceir ei ddefnyddio

signal.gpc = Mae eich porwr yn anfon signal Global Privacy Control: mae’n gwrthwynebu gwerthu a rhannu eich data.
signal.dnt = Mae eich porwr yn anfon signal Do Not Track.
signal.denies = Rydym yn ei ddeall fel gwrthod: {{categories}}.
signal.outweighed = Os byddwch yn caniatáu un o’r rhain yma, eich dewis chi sy’n cyfrif.

category.necessary = Bob amser ymlaen: nid yw’r wefan yn gweithio hebddynt.
category.allow = Caniatáu: {{title}}
category.source = Penderfynwyd yn offeryn caniatâd arall y wefan hon.
category.final = Gwrthodwyd gan signal eich porwr, y mae’r wefan hon bob amser yn ei ddilyn.
category.signal = Gwrthodwyd gan signal eich porwr, oni bai eich bod yn ei ganiatáu yma.
category.optout = Defnyddir oni bai eich bod yn gwrthod.
category.empty = Nid oes cwci o’r math hwn wedi’i ddatgan.

cookie.caption = Cwcis: {{title}}
cookie.name = Enw
cookie.lifetime = Cedwir am
cookie.purpose = Diben
cookie.provider = Darparwr
cookie.held = Yn eich porwr nawr
cookie.yes = Ydy
cookie.no = Nac ydy
provider.notice = Hysbysiad preifatrwydd {{provider}}
provider.optout = Optio allan o {{provider}}

own.title = Cwcis sy’n cadw eich dewisiadau
own.text = Maent yn cofio beth y gwnaethoch ei benderfynu yma a pha negeseuon rydych wedi’u gweld, a dim byd arall. \
    Fe’u defnyddir bob amser.
own.record = Yn cadw eich dewis
own.seen = Yn cofio eich bod wedi gweld neges
own.dismissed = Yn cofio eich bod wedi cau neges
own.choice = Yn cadarnhau ar y dudalen nesaf bod eich dewis wedi’i gadw
own.source = Yn cadw’r hyn y gwnaethoch ei benderfynu yn offeryn caniatâd arall y wefan hon
own.site = Y wefan hon
own.lifetime = Fel y mae ei ddarparwr yn ei osod

placeholder = Ni ddangosir cynnwys gan {{provider}}, gan nad ydych wedi caniatáu: {{category}}.
placeholder.unknown = Ni ddangosir cynnwys o wefan arall, gan nad ydych wedi caniatáu: {{category}}.

lifetime.session = Nes i chi gau’r porwr
lifetime.any = Dim terfyn
years.one = {{n}} flwyddyn
years.two = {{n}} flynedd
years.few = {{n}} blynedd
years.many = {{n}} blynedd
years.other = {{n}} mlynedd
months.two = {{n}} fis
months.other = {{n}} mis
weeks.other = {{n}} wythnos
days.two = {{n}} ddiwrnod
days.other = {{n}} diwrnod
hours.other = {{n}} awr
minutes.two = {{n}} funud
minutes.other = {{n}} munud
seconds.other = {{n}} eiliad
