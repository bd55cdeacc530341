# Licensed under the Apache License, Version 2.0; see LICENSE.

# The policy that is shipped against the trackers that the notice names, in a real browser: t/browser/trackers.mjs
# drives Debian's Chromium over pages that embed them as their own documentation tells sites to. Their real host names
# lead to a stand-in, which sets their cookies and notes every request and every connection.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Cwd qw(abs_path);
use MIME::Base64 qw(encode_base64);
use Privacy::Browser;
use Privacy::Test;

my $top = abs_path("$FindBin::Bin/..");

needs_browser();
needs_module(qw(ssl cgi));

sub page {
    my ($title, $head, $body) = @_;
    return <<"HTML";
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>$title</title>
$head</head>
<body>
$body<main><h1>$title</h1><p><a id="next" href="/next.cgi">Next</a></p></main>
</body></html>
HTML
}

# ---- what each provider tells sites to put into their pages ----

my $classic = <<'HTML';
<script type="text/javascript">
var _gaq = _gaq || [];
_gaq.push(['_setAccount', 'UA-0000000-1']);
_gaq.push(['_trackPageview']);
(function () {
  var ga = document.createElement('script'); ga.type = 'text/javascript'; ga.async = true;
  ga.src = ('https:' == document.location.protocol ? 'https://ssl' : 'http://www') + '.google-analytics.com/ga.js';
  var first = document.getElementsByTagName('script')[0]; first.parentNode.insertBefore(ga, first);
})();
</script>
HTML
my $display = $classic =~ s{\('https:' ==.*}{('https:' == document.location.protocol ? 'https://' : 'http://') + 'stats.g.doubleclick.net/dc.js';}r;
my $traditional = <<'HTML';
<script type="text/javascript">
var gaJsHost = (("https:" == document.location.protocol) ? "https://ssl." : "http://www.");
document.write(unescape("%3Cscript src='" + gaJsHost + "google-analytics.com/ga.js' type='text/javascript'%3E%3C/script%3E"));
</script>
<script type="text/javascript">
try {
  var pageTracker = _gat._getTracker("UA-0000000-2");
  pageTracker._trackPageview();
} catch (err) {}
</script>
HTML
my $universal = <<'HTML';
<script>
(function(i,s,o,g,r,a,m){i['GoogleAnalyticsObject']=r;i[r]=i[r]||function(){
(i[r].q=i[r].q||[]).push(arguments)};i[r].l=1*new Date();a=s.createElement(o);
m=s.getElementsByTagName(o)[0];a.async=1;a.src=g;m.parentNode.insertBefore(a,m)
})(window,document,'script','//www.google-analytics.com/analytics.js','ga');
ga('create', 'UA-0000000-3', 'auto');
ga('send', 'pageview');
</script>
HTML
my $alternative = <<'HTML';
<link rel="preconnect" href="https://www.google-analytics.com">
<link rel="preload" as="script" href="https://www.google-analytics.com/analytics.js">
<script>
window.ga = window.ga || function () { (ga.q = ga.q || []).push(arguments); }; ga.l = +new Date;
ga('create', 'UA-0000000-4', 'auto');
ga('send', 'pageview');
</script>
<script async src='https://www.google-analytics.com/analytics.js'></script>
HTML
my $gtag = <<'HTML';
<script async src="https://www.googletagmanager.com/gtag/js?id=G-TEST"></script>
<script>
window.dataLayer = window.dataLayer || [];
function gtag(){dataLayer.push(arguments);}
gtag('js', new Date());
gtag('config', 'G-TEST');
</script>
HTML
my $gtm = <<'HTML';
<script>(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':
new Date().getTime(),event:'gtm.js'});var f=d.getElementsByTagName(s)[0],
j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';j.async=true;j.src=
'https://www.googletagmanager.com/gtm.js?id='+i+dl;f.parentNode.insertBefore(j,f);
})(window,document,'script','dataLayer','GTM-TEST');</script>
HTML
my $gtm_body = <<'HTML';
<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-TEST"
height="0" width="0" style="display:none;visibility:hidden"></iframe></noscript>
HTML
my $floodlight_gtag = <<'HTML';
<script async src="https://www.googletagmanager.com/gtag/js?id=DC-1234567"></script>
<script>
window.dataLayer = window.dataLayer || [];
function gtag(){dataLayer.push(arguments);}
gtag('js', new Date());
gtag('config', 'DC-1234567');
gtag('event', 'conversion', { 'allow_custom_scripts': true, 'send_to': 'DC-1234567/type0/cat0+standard' });
</script>
<noscript><img src="https://ad.doubleclick.net/ddm/activity/src=1234567;type=type0;cat=cat0;ord=1?" width="1" height="1" alt=""/></noscript>
HTML
my $floodlight_iframe = <<'HTML';
<script type="text/javascript">
var axel = Math.random() + "";
var a = axel * 10000000000000;
document.write('<iframe src="https://1234567.fls.doubleclick.net/activityi;src=1234567;type=type0;cat=cat0;ord=' + a + '?" width="1" height="1" frameborder="0" style="display:none"></iframe>');
</script>
<noscript><iframe src="https://1234567.fls.doubleclick.net/activityi;src=1234567;type=type0;cat=cat0;ord=1?" width="1" height="1" frameborder="0" style="display:none"></iframe></noscript>
HTML
my $floodlight_written = <<'HTML';
<script type="text/javascript">
var axel = Math.random() + "";
var a = axel * 10000000000000;
document.write('<img src="https://ad.doubleclick.net/ddm/activity/src=1234567;type=type0;cat=cat0;ord=' + a + '?" width="1" height="1" alt=""/>');
</script>
HTML
my $floodlight_image = <<'HTML';
<img src="https://ad.doubleclick.net/ddm/activity/src=1234567;type=type0;cat=cat0;ord=1?" width="1" height="1" alt=""/>
<script type="text/javascript">var google_conversion_id = 1234567; var google_remarketing_only = true;</script>
<script type="text/javascript" src="//www.googleadservices.com/pagead/conversion.js"></script>
<noscript><img height="1" width="1" alt="" src="//googleads.g.doubleclick.net/pagead/viewthroughconversion/1234567/?guid=ON&amp;script=0"/></noscript>
HTML
my $facebook = <<'HTML';
<script>
!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?
n.callMethod.apply(n,arguments):n.queue.push(arguments)};if(!f._fbq)f._fbq=n;
n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);t.async=!0;
t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,
document,'script','https://connect.facebook.net/en_US/fbevents.js');
fbq('init', '1234567');
fbq('track', 'PageView');
</script>
<noscript><img height="1" width="1" style="display:none" alt=""
src="https://www.facebook.com/tr?id=1234567&ev=PageView&noscript=1"/></noscript>
HTML

# As optimisers of pages write inline scripts, so that these can be deferred.
sub deferred {
    my ($html, $write) = @_;
    return $html =~ s{<script>(.*?)</script>}{'<script defer src="data:text/javascript' . $write->("$1") . '"></script>'}gser;
}
my $encoded = deferred($facebook, sub { ',' . $_[0] =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger });
my $base64  = deferred($universal, sub { ';base64,' . encode_base64($_[0], '') });

my %pages = (
    'classic'     => [ 'Google Analytics, classic',            $classic,           '' ],
    'display'     => [ 'classic, with display features',       $display,           '' ],
    'traditional' => [ 'classic, not asynchronous',            '',                 $traditional ],
    'universal'   => [ 'Universal Analytics',                  $universal,         '' ],
    'alternative' => [ 'Universal, its other snippet',         $alternative,       '' ],
    'ga4'         => [ 'Google Analytics 4',                   $gtag,              '' ],
    'gtm'         => [ 'all of them through Tag Manager',      $gtm,               $gtm_body ],
    'dc-gtag'     => [ 'Floodlight, global site tag',          $floodlight_gtag,   '' ],
    'dc-iframe'   => [ 'Floodlight, frame',                    '',                 $floodlight_iframe ],
    'dc-written'  => [ 'Floodlight, image written by script',  '',                 $floodlight_written ],
    'dc-image'    => [ 'Floodlight and remarketing, image',    '',                 $floodlight_image ],
    'facebook'    => [ 'Facebook Pixel',                       $facebook,          '' ],
    'deferred'    => [ 'Universal Analytics and Facebook Pixel, deferred', "$encoded$base64", '' ],
    'every'       => [ 'every tag',
        join('', $classic, $universal, $gtag, $gtm, $facebook), $gtm_body . $floodlight_image . $floodlight_iframe ],
    'ahead'       => [ 'fetches the next page ahead',
        qq(<script type="speculationrules">{"prefetch":[{"source":"list","urls":["/next.cgi"],"eagerness":"immediate"}]}</script>\n), '' ],
    'plain'       => [ 'no tag', '', '' ],
);
# The application shows its message on each of these pages, and says so.
my $next = page('Next', $universal . $facebook, '');

my $httpd = httpd(
    tls     => 1,
    modules => ['cgi'],
    define  => { PRIVACY_DIR => "$top/conf" },
    files   => { map { ("/$_.html" => page(@{ $pages{$_} })) } keys %pages },
    cgi     => { '/next.cgi' => says("Content-Type: text/html\nPrivacy-Message: cookies\n\n$next") },
    conf    => <<'CONF',
Listen 127.0.0.1:${PORT_TLS}
LogFormat "%{Host}i %U %{Sec-Purpose}i" asked
CustomLog "${ROOT}/logs/asked" asked
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.careers.test
    SSLEngine on
    Include "${PRIVACY_DIR}/privacy.conf"
</VirtualHost>
<VirtualHost 127.0.0.1:${PORT_TLS}>
    ServerName www.unruled.test
    SSLEngine on
</VirtualHost>
CONF
);

in_browser('trackers.mjs', $httpd);
# The certificate names another host, which Chromium is told to overlook.
done(allow => [qr/AH01909/]);
