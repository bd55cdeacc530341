# Licensed under the Apache License, Version 2.0; see LICENSE.

# What a page takes of memory does not grow with it (H5, P4), wherever it comes from.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Stream;
use Privacy::Test;

needs_module(qw(proxy_http));

my $TRACKER = '<script src="https://www.googletagmanager.com/gtag/js"></script>';
my $HELD    = '<script type=text/plain data-privacy-category=analytics data-privacy-src="https://www.googletagmanager.com/gtag/js"></script>';
my $ROW     = $TRACKER . ('<p class=text>The <b>careers</b> police officer <a href="/jobs/1?a=1&amp;b=2">staff</a></p>' . "\n") x 100;

# A page of 30 MB is some 3,400 of these rows.
my ($FEW, $MANY) = (100, 3_400);

my $stream = Privacy::Stream->new(head => "<!doctype html><title>t</title><body>\n", row => $ROW, end => "<p>end</body>\n");

my %SERVER = (
    modules => [qw(cgi proxy_http)],
    define  => { ORIGIN => $stream->address },
    files   => { map { ("/$_.html" => $stream->page($_)) } $FEW, $MANY },
    cgi     => { '/page.cgi' => <<'PERL' },
print "Content-Type: text/html\n\n";
open my $page, '<', "$ENV{DOCUMENT_ROOT}/$ENV{QUERY_STRING}.html" or die;
print while read $page, $_, 65536;
PERL
    conf => <<'CONF',
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyTracker www.googletagmanager.com analytics
PrivacyEngine on
PrivacyRewriteHTML on
ProxyPass /origin http://${ORIGIN}
CONF
);

# Where a page of so many rows comes from, and how many kB a child may take more for
# the larger one: APR maps 4 MB of a file at a time, and the next while those before
# are still being sent.
my @WAYS = (
    [ 'a backend, chunked'               => '/origin/rows/%d', 4_000 ],
    [ 'a backend, with a Content-Length' => '/origin/length/%d', 4_000 ],
    [ 'a file'                           => '/%d.html', 16_000 ],
    [ 'a script'                         => '/page.cgi?%d', 4_000 ],
);

for (@WAYS) {
    my ($name, $path, $limit) = @$_;
    my $httpd = httpd(%SERVER);
    my $peak = sub {
        my ($rows) = @_;
        my $body = $httpd->get(sprintf $path, $rows)->body;
        ok $body eq $stream->page($rows) =~ s/\Q$TRACKER/$HELD/gr, "H5: $name, $rows rows: every tag, and every byte";
        return $httpd->peak;
    };
    my $few = $peak->($FEW);
    my $more = $peak->($MANY) - $few;
    cmp_ok $more, '<', $limit + Privacy::Httpd::sanitizers_own(), "P4: $name: a page of 30 MB takes no more memory than one of 1 MB (here: $more kB)";
    $httpd->stop;
}

done();
