# words.es: Spanish
#
# Terms: Agencia Española de Protección de Datos (AEPD), Guía sobre el uso de las cookies (julio de 2023): «aceptar»,
# «rechazar», «configurar», «cookies técnicas», «retirar el consentimiento», «finalidad».

language = Español
dir = ltr

accept = Aceptar todas
reject = Rechazar todas
choose = Configurar
save = Guardar mi selección
close = Cerrar
notice = Política de privacidad
link = Configuración de cookies

banner.title = Cookies en este sitio
banner.text = Además de las cookies necesarias para el sitio, queremos utilizar otras. Usted decide cuáles, y puede \
    cambiar de opinión en cualquier momento.

confirm = Su elección se ha guardado.
confirm.change = Cambiarla

page.title = Configuración de cookies
page.intro = Aquí puede ver cada cookie de este sitio y su finalidad, y decidir qué tipos pueden utilizarse. Puede \
    retirar su consentimiento en cualquier momento: tiene efecto inmediato, y las cookies que ya no permita se eliminan.
page.version = Política de cookies, versión {{version}}
page.decided = Su elección es del {{decided}}.
page.undecided = Todavía no ha elegido.
page.back = Volver a la página anterior
page.report = Este servidor está probando su política: guarda su elección, pero todavía no la aplica.
page.unsaved = No se ha podido guardar su elección: parece que su navegador rechaza las cookies.
page.categories = Qué puede utilizarse

signal.gpc = Su navegador envía una señal Global Privacy Control: se opone a la venta y cesión de sus datos.
signal.dnt = Su navegador envía una señal Do Not Track.
signal.denies = La entendemos como rechazo de: {{categories}}.
signal.outweighed = Si permite aquí alguna de ellas, prevalece su elección.

category.necessary = Siempre activas: el sitio no funciona sin ellas.
category.allow = Permitir: {{title}}
category.source = Decidido en la otra herramienta de consentimiento de este sitio.
category.final = Rechazadas por la señal de su navegador, que este sitio siempre respeta.
category.signal = Rechazadas por la señal de su navegador, salvo que las permita aquí.
category.optout = Se utilizan salvo que las rechace.
category.empty = No se declara ninguna cookie de este tipo.

cookie.caption = Cookies: {{title}}
cookie.name = Nombre
cookie.lifetime = Duración
cookie.purpose = Finalidad
cookie.provider = Proveedor
cookie.held = Ahora en su navegador
cookie.yes = Sí
cookie.no = No
provider.notice = Política de privacidad de {{provider}}
provider.optout = Oponerse ante {{provider}}

own.title = Cookies que guardan su elección
own.text = Recuerdan lo que ha decidido aquí y qué mensajes ha visto, y nada más. Se utilizan siempre.
own.record = Guarda su elección
own.seen = Recuerda que ha visto un mensaje
own.dismissed = Recuerda que ha cerrado un mensaje
own.choice = Confirma en la página siguiente que su elección se ha guardado
own.source = Guarda lo que ha decidido en la otra herramienta de consentimiento de este sitio
own.site = Este sitio
own.lifetime = La que fija su proveedor

placeholder = No se muestra un contenido de {{provider}} porque no ha permitido: {{category}}.
placeholder.unknown = No se muestra un contenido de otro sitio porque no ha permitido: {{category}}.

lifetime.session = Hasta cerrar el navegador
lifetime.any = Sin límite
years.one = {{n}} año
years.other = {{n}} años
months.one = {{n}} mes
months.other = {{n}} meses
weeks.one = {{n}} semana
weeks.other = {{n}} semanas
days.one = {{n}} día
days.other = {{n}} días
hours.one = {{n}} hora
hours.other = {{n}} horas
minutes.one = {{n}} minuto
minutes.other = {{n}} minutos
seconds.one = {{n}} segundo
seconds.other = {{n}} segundos
