# Licensed under the Apache License, Version 2.0; see LICENSE.

# R2: scripts that write their own head. mod_cgi and mod_cgid drop every filter for
# them but those of the connection.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my @denied  = ();
my @granted = ('Cookie: ' . consent('analytics=1'));

my $HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-First:  1 \r\nSet-Cookie: _ga=1; Path=/\r\n"
    . "Link: </a.css>; rel=preload\r\nSet-Cookie: sid=1;  HttpOnly\r\nset-cookie:_gid=2\r\nX-Last: 1\r\n\r\n";
my $BODY = "Set-Cookie: _ga=body\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: _ga=body\r\n\r\n";
my $HINT = "HTTP/1.1 103 Early Hints\r\nSet-Cookie: _ga=h\r\nLink: </a.css>; rel=preload\r\n\r\n";

# A head of that many bytes.
sub long {
    my ($bytes) = @_;
    my $head = "HTTP/1.1 200 OK\r\nSet-Cookie: _ga=1\r\n";
    $head .= 'X: ' . 'x' x 500 . "\r\n" while length($head) < $bytes - 1100;
    return $head . 'Y: ' . 'y' x ($bytes - length($head) - 7) . "\r\n\r\n";
}

# What each script says.
my %SAYS = (
    plain   => $HEAD . $BODY,
    lf      => ($HEAD =~ s/\r//gr) . $BODY,
    hint    => $HINT . $HINT . $HEAD . $BODY,
    folded  => "HTTP/1.1 200 OK\r\nSet-Cookie: _ga=1;\r\n Path=/\r\nX: 1\r\n 2\r\nSet-Cookie:\r\n\t_gid=1\r\n\r\n$BODY",
    capped  => "HTTP/1.1 200 OK\r\nX: 1\r\nSet-Cookie: pref=1; Max-Age=999999; Path=/\r\nY: 1\r\n\r\n$BODY",
    nothing => "HTTP/1.1 200 OK\r\nSet-Cookie: sid=1\r\n\r\n$BODY",
    cutoff  => "HTTP/1.1 200 OK\r\nX: 1\r\nSet-Cookie: _ga=1\r\nSet-Cookie: _gid",
    full    => long(65536) . $BODY,
    over    => long(65537) . $BODY,
    endless => "HTTP/1.1 200 OK\r\nX: " . 'x' x 300_000,
    huge    => $HINT =~ s/\r\n\r\n/"\r\nX: " . 'x' x 70_000 . "\r\n\r\n"/er . $HEAD . $BODY,
    headless => "Content-Type: text/plain\r\nSet-Cookie: _ga=1\r\n\r\n$BODY",
    big      => $HEAD . join('', map { "$_ " . 'b' x 90 . "\n" } 1 .. 60_000),
    silent   => '',
    link     => "HTTP/1.1 200 OK\r\nLink: <https://t.example/x.js>; rel=preload, </a.css>; rel=preload\r\n"
        . "Link: <//t.example/y>;\r\n rel=prefetch\r\nX: 1\r\n\r\n$BODY",
);
my $REFUSAL = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

sub without { return $_[0] =~ s/^set-cookie:\s*_g[^\r\n]*\r?\n(?:[ \t][^\n]*\n)*//gmir }

# What arrives of each, with the cookies denied.
my %ARRIVES = (
    plain  => without($HEAD) =~ s/\r\n\r\n/\r\nVary: Cookie\r\n\r\n/r . $BODY,
    lf     => without($HEAD =~ s/\r//gr) =~ s/\n\n/\nVary: Cookie\n\n/r . $BODY,
    hint   => without($HINT) x 2 . without($HEAD) =~ s/\r\n\r\n/\r\nVary: Cookie\r\n\r\n/r . $BODY,
    folded => "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\nVary: Cookie\r\n\r\n$BODY",
    capped => "HTTP/1.1 200 OK\r\nX: 1\r\nSet-Cookie: pref=1; Max-Age=60; Path=/\r\nY: 1\r\n\r\n$BODY",
    nothing => $SAYS{nothing},
    cutoff  => "HTTP/1.1 200 OK\r\nX: 1\r\n",
    full    => without(long(65536)) =~ s/\r\n\r\n/\r\nVary: Cookie\r\n\r\n/r . $BODY,
    over    => $REFUSAL,
    endless => $REFUSAL,
    huge    => without($HEAD) =~ s/\r\n\r\n/\r\nVary: Cookie\r\n\r\n/r . $BODY,
    headless => $REFUSAL,
    big      => $SAYS{big} =~ s/\A\Q$HEAD\E/without($HEAD) =~ s{\r\n\r\n}{\r\nVary: Cookie\r\n\r\n}r/er,
    silent   => '',
    link     => "HTTP/1.1 200 OK\r\nLink: </a.css>; rel=preload\r\nX: 1\r\nVary: Cookie\r\n\r\n$BODY",
);

# Scripts read what they say from a file, and say it as the query tells: all at
# once, or in pieces of so many bytes with a pause.
my $SCRIPT = <<'SCRIPT';
binmode STDOUT;
my ($name) = $0 =~ /nph-(\w+)/;
open my $fh, '<:raw', "$ENV{DOCUMENT_ROOT}/says/$name" or die;
local $/;
my $says = <$fh>;
$says = '' if !defined $says;
my ($piece) = ($ENV{QUERY_STRING} || '') =~ /^(\d+)/;
while (length $says) {
    print substr $says, 0, $piece || length $says, '';
    select undef, undef, undef, 0.0005 if $piece;
}
SCRIPT

my %CONF = (
    tls   => 1,
    files => { (map { ("says/$_" => $SAYS{$_}) } keys %SAYS), 'page.txt' => 'page', 'dir/x.txt' => 'x' },
    cgi   => {
        (map { ("/nph-$_.cgi" => $SCRIPT, "/off/nph-$_.cgi" => $SCRIPT, "/report/nph-$_.cgi" => $SCRIPT) } keys %SAYS),
        '/dir/nph-plain.cgi' => $SCRIPT,
        '/elsewhere.cgi'     => says("Location: /nph-plain.cgi\n\n"),
        '/nph-wait.cgi'      => <<'WAIT',
print "HTTP/1.1 200 OK\r\nSet-Cookie: _ga=1\r\n\r\nfirst";
open my $fh, '<', "$ENV{DOCUMENT_ROOT}/../var/gate" or die; # until somebody opens it
print "last";
WAIT
        '/nph-late.cgi'      => <<'LATE',
print "HTTP/1.1 200 OK\r\nX: ", 'x' x 300_000;
open my $fh, '<', "$ENV{DOCUMENT_ROOT}/../var/late" or die; # until somebody opens it
LATE
    },
    conf => <<'CONF',
PrivacyEngine on
PrivacyCategory essential necessary "Essential" "What the shop needs."
PrivacyCategory analytics opt-in "Analytics" "What is read how often."
PrivacyCookie sid essential session "Keeps you logged in"
PrivacyCookie pref essential 1min "Remembers the language"
PrivacyCookie _ga analytics 2y "Tells visitors apart"
PrivacyCookie _gid analytics 1d "Tells visitors apart"
PrivacyTracker t.example analytics
ErrorDocument 404 /nph-plain.cgi
ErrorDocument 416 /nph-plain.cgi
<Location /off>
    PrivacyEngine off
</Location>
<Location /report>
    PrivacyEngine report
</Location>
<Location /dir>
    DirectoryIndex nph-plain.cgi
</Location>
LogFormat "%U %>s stripped=%{privacy-stripped}n capped=%{privacy-capped}n" notes
CustomLog logs/notes notes
CONF
);

# Every byte that comes back on a connection of its own.
sub bytes_of {
    my ($httpd, $path, @lines) = @_;
    my $connection = $httpd->connect;
    $connection->send(Privacy::Client::request_bytes('www.example.org', GET => $path, undef, 'Connection: close', @lines));
    my $said = '';
    1 while sysread $connection->socket, $said, 65536, length $said;
    $connection->close;
    return $said;
}

# is() on what may be megabytes.
sub same {
    my ($got, $expected, $name) = @_;
    ok $got eq $expected, $name or diag 'got ', length $got, ' bytes: ', substr($got, 0, 600), "\nnot ", length $expected;
}

sub bytes_are_right {
    my ($httpd) = @_;
    for my $name (sort keys %SAYS) {
        same bytes_of($httpd, "/nph-$name.cgi", @denied), $ARRIVES{$name}, "R2: $name, denied";
        same bytes_of($httpd, "/off/nph-$name.cgi", @denied), $SAYS{$name}, "R2: $name, engine off: every byte";
        same bytes_of($httpd, "/report/nph-$name.cgi", @denied), $SAYS{$name}, "R8: $name, report: every byte";
    }
    for my $name (qw(plain lf hint folded nothing cutoff full big)) {
        same bytes_of($httpd, "/nph-$name.cgi", @granted), $SAYS{$name}, "R2: $name, granted: every byte";
    }
    for my $name (qw(plain lf hint folded cutoff)) {
        for my $piece (1, 7, 50) {
            same bytes_of($httpd, "/nph-$name.cgi?$piece", @denied), $ARRIVES{$name}, "R2: $name in pieces of $piece";
        }
    }
    same bytes_of($httpd, "/nph-$_.cgi?4095", @denied), $ARRIVES{$_}, "R2: $_ in pieces of 4095" for qw(full over huge);
}

sub redirected {
    my ($httpd) = @_;
    # httpd itself appends an empty response to this one.
    same substr(bytes_of($httpd, '/elsewhere.cgi', @denied), 0, length $ARRIVES{plain}), $ARRIVES{plain},
        'R2: after an internal redirect';
    same bytes_of($httpd, '/dir/', @denied), $ARRIVES{plain}, 'R2: as DirectoryIndex';
    same bytes_of($httpd, '/missing', @denied), $ARRIVES{plain}, 'R2: as ErrorDocument';
    same bytes_of($httpd, '/page.txt', @denied, 'Range: bytes=99-'), $ARRIVES{plain},
        'R2: as ErrorDocument of what a filter refuses, after the outermost filter has run';
    same bytes_of($httpd, '/missing', @granted), $SAYS{plain}, 'R2: as ErrorDocument, granted';
}

# The body passes as it comes.
sub nothing_is_held_back {
    my ($httpd) = @_;
    my $gate = $httpd->root . '/var/gate';
    system('mkfifo', '-m', '666', $gate) == 0 or die "mkfifo: $?";
    my $connection = $httpd->connect;
    $connection->send(Privacy::Client::request_bytes('www.example.org', GET => '/nph-wait.cgi', undef));
    my $said = '';
    sysread $connection->socket, $said, 4096, length $said or last while $said !~ /first/;
    is $said, "HTTP/1.1 200 OK\r\nVary: Cookie\r\n\r\nfirst", 'R2: head and body come while the script still runs';
    open my $fh, '>', $gate or die "$gate: $!";
    close $fh;
    1 while sysread $connection->socket, $said, 4096, length $said;
    like $said, qr/firstlast\z/, 'and the rest behind them';
}

# A script whose head is refused, and that writes on.
sub nobody_waits {
    my ($httpd) = @_;
    my $late = $httpd->root . '/var/late';
    system('mkfifo', '-m', '666', $late) == 0 or die "mkfifo: $?";
    my $connection = $httpd->connect;
    $connection->send(Privacy::Client::request_bytes('www.example.org', GET => '/nph-late.cgi', undef));
    ok $connection->comes(qr/\A\Q$REFUSAL\E/), 'F1: a head that does not end is refused while its script still runs';
    $connection->response;
    ok eval { $connection->closed }, 'F1: and nobody waits for the script';
    open my $fh, '+<', $late or die "$late: $!";
    $connection->close;
}

# Keep-alive before it, and its own end of the connection after it.
sub on_a_connection {
    my ($httpd) = @_;
    my $connection = $httpd->connect;
    my $request = sub { Privacy::Client::request_bytes('www.example.org', GET => $_[0], undef, @_[ 1 .. $#_ ]) };
    $connection->send(join '', $request->('/page.txt', @granted), $request->('/page.txt'), $request->('/nph-plain.cgi'));
    is $connection->response->body, 'page', 'a page' for 1 .. 2;
    my $r = $connection->response;
    is_deeply [ $r->set_cookies ], ['sid=1;  HttpOnly'], 'R2: behind two others on the same connection';
    is $r->body, $BODY, 'its body';
    $connection->close;
}

sub over {
    my ($httpd, $via) = @_;
    my $r = $httpd->get('/nph-plain.cgi', @denied, { via => $via });
    is_deeply [ $r->set_cookies ], ['sid=1;  HttpOnly'], "R2: $via, denied: the allowed cookie";
    is $r->header('link'), '</a.css>; rel=preload', 'another field';
    is $r->body, $BODY, 'the body';
    $r = $httpd->get('/nph-plain.cgi', @granted, { via => $via });
    like join(' ', $r->set_cookies), qr/_ga=1.*_gid=2/, "R2: $via, granted: all cookies";
    is $r->body, $BODY, 'the body';
    is $httpd->get('/nph-full.cgi', @denied, { via => $via })->body, $BODY, "R2: $via, a head of 64 KiB" if $via !~ /h2/;
    $r = $httpd->get('/nph-over.cgi', @denied, { via => $via });
    is $r->status, 500, "R2: $via, a longer one";
    is $r->lines . $r->body, $via =~ /h2/ ? 'content-length: 0' : "Content-Length: 0\nConnection: close", 'nothing of it';
    $r = $httpd->get('/nph-big.cgi?100000', @denied, { via => $via });
    same $HEAD . $r->body, $SAYS{big}, "R2: $via, a big body";
    $r = $httpd->get('/nph-plain.cgi?3', @denied, { via => $via });
    is_deeply [ $r->set_cookies ], ['sid=1;  HttpOnly'], "R2: $via, in pieces";
}

for my $setup ([qw(event cgid)], [qw(event mod_cgi)], [qw(worker cgid)], [qw(prefork mod_cgi)]) {
    my ($mpm, $cgi) = @$setup;
    my $threads = $mpm ne 'prefork';    # with prefork mod_http2 does not work
    my $httpd = httpd(%CONF, mpm => $mpm, modules => [ $cgi, $threads ? 'http2' : () ]);
    subtest "$mpm, $cgi" => sub {
        bytes_are_right($httpd);
        redirected($httpd);
        nothing_is_held_back($httpd);
        nobody_waits($httpd);
        on_a_connection($httpd);
        over($httpd, $_) for 'https', $threads ? qw(h2c h2) : ();
    };
    expect_log($httpd, qr/PRIV0011/, 'an interim response that is left out is logged');
    expect_log($httpd, qr/PRIV0012/, 'a head that is too long is logged');
    expect_log($httpd, qr/PRIV0013/, 'one without a status line is logged');
    $httpd->stop;
    open my $log, '<', $httpd->root . '/logs/notes' or die $!;
    my @notes = <$log>;
    ok scalar(grep({ $_ eq "/nph-plain.cgi 200 stripped=_ga,_gid capped=-\n" } @notes)), 'noted: what was taken';
    ok scalar(grep({ $_ eq "/nph-hint.cgi 200 stripped=_ga,_ga,_ga,_gid capped=-\n" } @notes)), 'noted: of each head';
    ok scalar(grep({ $_ eq "/nph-capped.cgi 200 stripped=- capped=pref\n" } @notes)), 'noted: what was capped';
    ok scalar(grep({ $_ eq "/nph-over.cgi 500 stripped=- capped=-\n" } @notes)), 'logged as 500';
    ok scalar(grep({ $_ eq "/report/nph-plain.cgi 200 stripped=_ga,_gid capped=-\n" } @notes)), 'noted in report';
    ok !grep({ m{^/off/.*(?:stripped|capped)=[^-]} } @notes), 'not where the engine is off';
}

# mod_perl lets a handler do the same: httpd then sends no head, and what the handler
# prints goes through all filters as if it were a body.
SKIP: {
    skip 'mod_perl is not on this machine', 1 if !Privacy::Httpd::has_module('perl');
    my %conf = (
        modules => ['perl'],
        files   => { 'handler.pl' => <<'PERL', 'says/plain' => $HEAD . $BODY },
package Own;
use Apache2::RequestRec ();
use Apache2::RequestIO  ();
sub handler {
    my ($r) = @_;
    $r->assbackwards(1);
    open my $fh, '<:raw', $r->document_root . '/says/plain' or die;
    $r->print($_), $r->rflush while <$fh>;
    return 0;
}
1;
PERL
        conf => <<'CONF' . $CONF{conf} =~ s/^ErrorDocument.*\n//mgr,
PerlModule Apache2::RequestUtil
PerlRequire ${DOCROOT}/handler.pl
<Location /own>
    SetHandler modperl
    PerlResponseHandler Own
</Location>
CONF
    );
    my $httpd = httpd(%conf);
    same bytes_of($httpd, '/own', @denied), $ARRIVES{plain}, 'R2: a mod_perl handler with its own head, denied';
    same bytes_of($httpd, '/own', @granted), $SAYS{plain}, 'R2: granted: every byte';
}

done();
