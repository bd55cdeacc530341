# Licensed under the Apache License, Version 2.0; see LICENSE.

# Answers of an origin server that nobody should send: what HTTP forbids, what it
# allows and nobody expects, and what breaks off. In a head the value of a cookie
# that may not pass says DENIED, that of any other KEPT.
package Privacy::Hostile;

use strict;
use warnings;

use IO::Compress::Gzip qw(gzip);

# The policy that they are made for.
our $POLICY = <<'CONF';
PrivacyCategory essential necessary "Essential" "What the site needs."
PrivacyCategory analytics opt-in "Analytics" "How the site is used."
PrivacyCookie sid essential any "Keeps you logged in"
PrivacyCookie _ga analytics any "Tells visitors apart"
PrivacyCookie _ga_* analytics any "Keeps the state of a visit"
PrivacyCookie "~^_pk_" analytics any "Tells visitors apart"
PrivacyTracker t.example analytics
PrivacyEngine on
CONF

# Whether one of the lines of a field sets a denied cookie, or what they are when
# folding has made them one. NUL is read as nothing, and a lone CR ends a line.
my $SETS = qr/^\s*(?i:Set-Cookie)\s*:[\s=]*(?:_ga|_ga_[^=;]*|_pk_[^=;]*?)\s*(?:[=;]|\z)(?!; Max-Age=0(?:; (?!Max-Age|Expires)[^;]*)*\s*\z)/;

sub denied {
    my ($field) = @_;
    $field =~ tr/\0//d;
    return grep { $_ =~ $SETS } $field =~ s/[\r\n]+[ \t]*/ /gr, split /[\r\n]+/, $field;
}

my $OK   = "HTTP/1.1 200 OK\r\n";
my $TYPE = "Content-Type: text/plain\r\n";
my $GA   = "Set-Cookie: _ga=DENIED; Path=/\r\n";
my $SID  = "Set-Cookie: sid=KEPT; HttpOnly\r\n";
my $BOTH = $TYPE . $GA . "X-Middle: 1\r\n" . $SID;

# A whole answer, its length told: header lines, a body.
sub whole {
    my ($lines, $body) = @_;
    return $OK . $lines . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}

# With both cookies and one thing more in the head.
sub head_with { return whole($BOTH . join('', map { "$_\r\n" } @_), 'body') }

# With both cookies and that field as it is, between them.
sub field { return whole("$TYPE$GA$_[0]\r\n$SID", 'body') }

sub chunked { return "$OK${BOTH}Transfer-Encoding: chunked\r\n\r\n$_[0]" }

my $CHUNKS = "5\r\nhello\r\n6\r\n world\r\n";

# Numbers of cookies, names and lengths.
my %SIZES = (
    'thousands of cookies' => whole($TYPE . join('', map { ("Set-Cookie: _ga_$_=DENIED\r\n", "Set-Cookie: sid=KEPT$_\r\n") } 1 .. 2000), 'body'),
    'the same cookie again' => whole($TYPE . $GA x 500 . $SID x 500, 'body'),
    'a thousand fields' => head_with(map { "X-$_: $_" } 1 .. 1000),
    'a megabyte of a head' => head_with(map { "X-$_: " . 'x' x 1000 } 1 .. 1000),
    (map { ("a name of $_ bytes" => field('Set-Cookie: _ga_DENIED' . 'n' x ($_ - 10) . '=1'),
            "a nameless cookie of $_ bytes" => field('Set-Cookie: _ga_DENIED' . 'n' x ($_ - 10)),
            "a value of $_ bytes" => field('Set-Cookie: _ga=DENIED' . 'v' x $_),
            "an essential value of $_ bytes" => field('Set-Cookie: sid=KEPT' . 'v' x $_),
            "a field of $_ bytes" => field('X-Long: ' . 'x' x ($_ - 8)),
            "a field's name of $_ bytes" => field('X' x ($_ - 3) . ': 1')) } 4096, 8000, 8190, 8191, 8192, 8193, 9000, 20_000),
    'thousands of attributes' => field('Set-Cookie: _ga=DENIED' . '; a=b' x 1500),
    'thousands of attributes, essential' => field('Set-Cookie: sid=KEPT' . '; a=b' x 1500),
    'an endless Max-Age' => field('Set-Cookie: sid=KEPT; Max-Age=' . '9' x 5000),
    'nothing but semicolons' => field('Set-Cookie: ' . ';' x 5000),
    'nothing but equals signs' => field('Set-Cookie: ' . '=' x 5000),
    'a huge Link' => field('Link: ' . join ', ', map { "</$_.css>; rel=preload; as=style" } 1 .. 180),
    'a hundred huge Links' => whole($BOTH . ('Link: ' . join(', ', map { "</$_.css>; rel=preload" } 1 .. 200) . "\r\n") x 100, 'body'),
);

# What a field may look like.
my %FIELDS = (
    (map { ("a cookie '" . s/[^ -~]/?/gr . "'" => field("Set-Cookie:$_")) }
        '', ' ', ' ;', ' =', ' =;=', ' = ', ' ; sid=KEPT', ' _ga', ' =_ga', ' = _ga=DENIED', " \t_ga\t=\tDENIED", ' _ga =DENIED',
        ' _ga=DENIED,sid=1', ' sid=KEPT,_ga=1', ' sid=KEPT; _ga=1', ' "_ga"=KEPT', ' "_ga=KEPT"', " _ga=DENIED\xff\xfe\x80",
        " \xe2\x80\x8b_ga=KEPT", ' _GA=KEPT', ' _ga=; Max-Age=0', ' _ga=DENIED; Max-Age=0; Max-Age=1', ' _ga=DENIED; Expires=never',
        ' __Host-_ga=KEPT', ' _pk_=DENIED', ' _ga_=DENIED', ' _ga%3D=KEPT', ' _ga==DENIED', ' ==_ga=DENIED', ' _ga;=DENIED'),
    (map { my ($name, $byte) = @$_; (
            "$name in the name of the field" => field("Set-$byte" . 'Cookie: _ga=DENIED'),
            "$name behind the name of the field" => field("Set-Cookie$byte: _ga=DENIED"),
            "$name before the name" => field("Set-Cookie: ${byte}_ga=DENIED"),
            "$name in the name"     => field("Set-Cookie: _ga_DENIED${byte}x=1"),
            "$name behind the name" => field("Set-Cookie: _ga$byte=DENIED"),
            "$name in the value"    => field("Set-Cookie: _ga=DENIED${byte}x; Path=/"),
            "$name in an essential value" => field("Set-Cookie: sid=KEPT${byte}x; Path=/"),
            "$name in another field" => field("X-Other: a${byte}b"),
            "a cookie behind $name" => field("X-Other: a${byte}Set-Cookie: _ga=DENIED"),
        ) } [ NUL => "\0" ], [ 'lone CR' => "\r" ], [ 'bare LF' => "\n" ], [ DEL => "\x7f" ], [ BEL => "\a" ], [ space => ' ' ], [ '0x85' => "\x85" ]),
    'a folded cookie'        => field("Set-Cookie: _ga=DENIED;\r\n Path=/"),
    'folded at once'         => field("Set-Cookie:\r\n\t_ga=DENIED"),
    'folded, and folded'     => field("Set-Cookie: _ga=DENIED\r\n \r\n ;\r\n\t\r\n Path=/"),
    'folded in the name'     => field("Set-Cookie: _ga_DENIED\r\n x=1"),
    'an essential one folded' => field("Set-Cookie: sid=KEPT;\r\n Path=/;\r\n\tHttpOnly"),
    'a fold first of all'    => "$OK $GA${TYPE}$SID" . "Content-Length: 4\r\n\r\nbody",
    'a cookie in a fold'     => field("X-Other: 1\r\n Set-Cookie: x"),
    'a thousand folds'       => field('Set-Cookie: _ga=DENIED' . ";\r\n a=b" x 1000),
    'bare LF everywhere'     => (field('X: 1') =~ s/\r//gr),
    'CR CR LF'               => field("Set-Cookie: _ga=DENIED\r"),
    'no colon'               => field('Set-Cookie _ga'),
    'no name'                => field(': _ga'),
    'a line of white space'  => field("   \t"),
    'a line of NUL'          => field("\0\0\0"),
    'Set-Cookie2'            => field('Set-Cookie2: _ga=KEPT'),
    'SET-COOKIE'             => field('SET-COOKIE:_ga=DENIED'),
    'Set-Cookie is hop-by-hop' => field('Connection: Set-Cookie'),
    'another is hop-by-hop'  => field('Connection: X-Middle, close, keep-alive, x'),
    'Vary: *'                => field('Vary: *'),
    'Vary is empty'          => field('Vary: '),
    'Vary without end'       => field('Vary: ' . join ', ', map { "X-$_" } 1 .. 1000),
    'headers of ours'        => field("Privacy-Enforce: off\r\nPrivacy-Message: x, y\r\nPrivacy-Consent: analytics=1\r\nPrivacy-Inspect: off"),
    (map { ("Link '$_'" => field("Link: $_")) } '<', '>', '<>', '</a', '</a>; rel="preload', '</a>; rel="pre\\', '</a>;;;,,,</b>; rel=preload,',
        '</a>; rel=preload; title="' . '\\' x 50, '"</a>"', '<//>; rel=preload', '<http://[::>; rel=preload', '<' x 1000, ',' x 1000, "<\xff\xfe>; rel=prefetch"),
);

# How long the body is.
my %LENGTHS = (
    (map { my $length = $_; ("Content-Length '$length'" => "$OK${BOTH}Content-Length: $length\r\n\r\nbody") }
        '', '-1', '+4', '0x4', '4, 4', '4, 5', '4 4', '4;', '4a', '0', '00000000004', '3', '400', '18446744073709551620', '99999999999999999999999', "\x01"),
    'two lengths'            => "$OK${BOTH}Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
    'two that differ'        => "$OK${BOTH}Content-Length: 4\r\nContent-Length: 2\r\n\r\nbody",
    'a length and chunks'    => "$OK${BOTH}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}0\r\n\r\n",
    'no length'              => "$OK${BOTH}\r\nbody that ends when it ends",
    'a length and no body'   => "$OK${BOTH}Content-Length: 1000\r\n\r\n",
    'more body than said'    => "$OK${BOTH}Content-Length: 4\r\n\r\nbody\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: _ga=DENIED\r\n\r\n",
    (map { my $coding = $_; ("Transfer-Encoding '$coding'" => "$OK${BOTH}Transfer-Encoding: $coding\r\n\r\n${CHUNKS}0\r\n\r\n") }
        '', 'identity', 'gzip', 'x', 'chunked, gzip', 'gzip, chunked', 'chunked, chunked', 'CHUNKED', ' chunked ', "chunked\x0b", 'xchunked'),
    'chunks of HTTP/1.0'     => chunked("${CHUNKS}0\r\n\r\n") =~ s/1\.1/1.0/r,
);

my %CHUNKS = map { ($_->[0] => chunked($_->[1])) } (
    [ 'chunks'                 => "${CHUNKS}0\r\n\r\n" ],
    [ 'chunks of one byte'     => join('', map { "1\r\n$_\r\n" } 'a' .. 'z') . "0\r\n\r\n" ],
    [ 'chunks with extensions' => "5;a=b;c=\"d\r\n\"\r\nhello\r\n0;x\r\n\r\n" ],
    [ 'a chunk of no size'     => "\r\nhello\r\n0\r\n\r\n" ],
    [ 'a chunk of garbage'     => "zzz\r\nhello\r\n0\r\n\r\n" ],
    [ 'garbage behind a chunk' => "${CHUNKS}zzz\r\n" ],
    [ 'a chunk of -1'          => "-1\r\nhello\r\n0\r\n\r\n" ],
    [ 'a chunk of 2^64'        => "10000000000000000\r\nhello\r\n0\r\n\r\n" ],
    [ 'a chunk of 2^63'        => "8000000000000000\r\nhello\r\n0\r\n\r\n" ],
    [ 'a size of 1000 zeros'   => '0' x 1000 . "5\r\nhello\r\n0\r\n\r\n" ],
    [ 'a size of 9000 bytes'   => '5;' . 'x' x 9000 . "\r\nhello\r\n0\r\n\r\n" ],
    [ 'chunks with bare LF'    => "5\nhello\n0\n\n" ],
    [ 'a chunk too long'       => "5\r\nhello world\r\n0\r\n\r\n" ],
    [ 'a chunk too short'      => "10\r\nhello\r\n0\r\n\r\n" ],
    [ 'cut off before a chunk' => '' ],
    [ 'cut off in a size'      => "${CHUNKS}5" ],
    [ 'cut off in a chunk'     => "${CHUNKS}5\r\nhe" ],
    [ 'cut off behind a chunk' => $CHUNKS ],
    [ 'cut off at the end'     => "${CHUNKS}0" ],
    [ 'cut off in the trailer' => "${CHUNKS}0\r\nX-Trailer: 1" ],
    [ 'a trailer'              => "${CHUNKS}0\r\nX-Trailer: 1\r\nSet-Cookie: _ga=DENIED-trailer\r\nSet-Cookie: sid=trailer\r\n\r\n" ],
    [ 'a trailer of garbage'   => "${CHUNKS}0\r\n\0\0\0\r\n: x\r\nno colon\r\n\r\n" ],
    [ 'a trailer without end'  => "${CHUNKS}0\r\n" . join('', map { "X-$_: " . 'x' x 100 . "\r\n" } 1 .. 300) . "\r\n" ],
);

my $PAIR = "$BOTH" . "Content-Length: 4\r\n\r\nbody";
my %STATUS = (
    (map { ("status line '" . s/[^ -~]/?/gr =~ s/(.{40}).*/$1.../r . "'" => "$_\r\n$PAIR") }
        'HTTP/1.1 200', 'HTTP/1.1 200 ', 'HTTP/1.1  200 OK', "HTTP/1.1\t200 OK", 'HTTP/1.1 0200 OK', 'HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK',
        'HTTP/1.1 abc OK', 'HTTP/1.1 99 x', 'HTTP/1.1 000 x', 'HTTP/1.1 600 x', 'HTTP/1.1 666 x', 'HTTP/1.1 999 x', 'HTTP/1.1 1000 x', 'HTTP/1.1 -200 x',
        'HTTP/1.1', 'HTTP/1.1 ', 'HTTP/', 'HTTP/2 200', 'HTTP/2.0 200 OK', 'HTTP/0.9 200 OK', 'HTTP/1.10 200 OK', 'HTTP/9999999999.1 200 OK',
        'http/1.1 200 OK', 'ICY 200 OK', ' HTTP/1.1 200 OK', "HTTP/1.1 200 O\x01K", "HTTP/1.1 200 O\xffK", "HTTP/1.1 200 OK\0", 'HTTP/1.1 200 ' . 'O' x 9000 . 'K',
        "HTTP/1.1 200 OK\rSet-Cookie: _ga=DENIED", "HTTP/1.1 200 OK\n\nSet-Cookie: _ga=1", "\r\n\r\nHTTP/1.1 200 OK"),
    (map { ("status $_" => "HTTP/1.1 $_ Status\r\n$PAIR") } 203, 204, 205, 206, 226, 300, 301, 304, 305, 400, 401, 403, 404, 407, 412, 416, 418, 451, 499, 500, 502, 503, 599),
    'HTTP/1.0'                 => "HTTP/1.0 200 OK\r\n${BOTH}\r\nbody",
    'HTTP/0.9'                 => "just a body, and no head\r\n\r\n",
    'a page, and no head'      => '<!doctype html><html><body>no head</body></html>',
    'binary garbage'           => join('', map { chr } 0 .. 255) x 20,
    'nothing at all'           => '',
    'an empty line'            => "\r\n",
    'empty lines'              => "\r\n" x 5000,
    'a head without fields'    => "HTTP/1.1 200 OK\r\n\r\nbody",
    'TLS instead'              => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . 'x' x 500,
    'two answers'              => head_with('X: 1') x 2,
);

my %CUT = (
    'cut off in the protocol'    => 'HTT',
    'cut off in the status line' => 'HTTP/1.1 20',
    'cut off behind it'          => $OK,
    'cut off in a name'          => "${OK}${TYPE}Set-Coo",
    'cut off behind a name'      => "${OK}${TYPE}Set-Cookie:",
    'cut off in a value'         => "${OK}${TYPE}Set-Cookie: _ga=DENIED",
    'cut off in a fold'          => "${OK}${TYPE}Set-Cookie: _ga=DENIED;\r\n Pa",
    'cut off behind a field'     => "${OK}${BOTH}",
    'cut off at the empty line'  => "${OK}${BOTH}\r",
    'cut off in a body'          => "${OK}${BOTH}Content-Length: 100000\r\n\r\n" . 'x' x 50_000,
);

my $HINT = "HTTP/1.1 103 Early Hints\r\n${GA}${SID}Link: </a.css>; rel=preload\r\n\r\n";
my %INTERIM = (
    'a hint'             => $HINT . head_with('X: 1'),
    'a flood of hints'   => $HINT x 300 . head_with('X: 1'),
    'nothing but hints'  => $HINT x 20,
    'a hint cut off'     => substr($HINT, 0, 50),
    'a hint with a body' => "HTTP/1.1 103 Early Hints\r\nContent-Length: 4\r\n${GA}\r\nbody" . head_with('X: 1'),
    'a flood of 100'     => "HTTP/1.1 100 Continue\r\n\r\n" x 200 . head_with('X: 1'),
    '102 and 199'        => "HTTP/1.1 102 Processing\r\n$GA\r\nHTTP/1.1 199 What\r\n$GA$SID\r\n" . head_with('X: 1'),
    'hints with thousands of cookies' => "HTTP/1.1 103 Early Hints\r\n" . join('', map { ("Set-Cookie: _ga_$_=DENIED\r\n", "Set-Cookie: sid=KEPT$_\r\n") } 1 .. 300) . "\r\n" . head_with('X: 1'),
    'a hint with NUL'    => "HTTP/1.1 103 Early Hints\r\nSet-Cookie: _ga=DENIED\0x\r\n\r\n" . head_with('X: 1'),
    'a hint with lone CR' => "HTTP/1.1 103 Early Hints\r\nX: 1\rSet-Cookie: _ga=DENIED\r\n\r\n" . head_with('X: 1'),
    'a folded hint'      => "HTTP/1.1 103 Early Hints\r\nSet-Cookie:\r\n _ga=DENIED;\r\n Path=/\r\n\r\n" . head_with('X: 1'),
    'an unasked upgrade' => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n$GA$SID\r\nSet-Cookie: _ga=in the tunnel\r\n",
    'an upgrade'         => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n$GA$SID\r\nSet-Cookie: _ga=in the tunnel\r\n",
    'an upgrade cut off' => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${SID}Set-Cookie: _ga=DEN",
    'an upgrade of a megabyte' => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n$GA" . join('', map { "X-$_: " . 'x' x 1000 . "\r\n" } 1 .. 1000) . "$SID\r\nframe",
);

# By name: every byte that the server sends before it closes.
sub answers {
    return (%SIZES, %FIELDS, %LENGTHS, %CHUNKS, %STATUS, %CUT, %INTERIM);
}

my $SCRIPT = '<script src="https://t.example/t.js"></script>';
our $PAGE  = "<!doctype html>\n<html><head><title>t</title>$SCRIPT</head><body>\n" . "<p>Hello, world.</p>\n" x 50 . "$SCRIPT</body></html>\n";

gzip(\$PAGE => \our $GZIPPED) or die;

sub gzipped {
    my ($body) = @_;
    return whole("Content-Type: text/html\r\nContent-Encoding: gzip\r\n$GA$SID", $body);
}

sub bomb {
    my $page = $PAGE . ' ' x 20_000_000;
    gzip(\$page => \my $out) or die;
    return $out;
}

my %TYPES = map { my $type = $_; ("Content-Type '" . s/[^ -~]/?/gr =~ s/(.{50}).*/$1.../r . "'" => whole("Content-Type: $type\r\n$GA$SID", $PAGE)) }
    '', 'text/html', 'TEXT/HTML;', 'text/html; charset=', 'text/html; charset="', 'text/html; charset="utf-8', 'text/html; charset=utf-16', "text/html; charset=\xe9\xff",
    'text/html; charset=none-such', 'text/html; charset=' . 'x' x 7000, 'text/html;;;;;', 'text/html; a="' . '\\' x 99, 'text/html, text/plain', 'text/htmlx', 'text / html',
    "text/html\x0b", 'html', '/', 'text/html; charset=utf-8; charset=utf-16', 'application/xhtml+xml', 'text/html' . '; a=b' x 1500, 'multipart/byteranges; boundary=x', 'text/event-stream';

# Pages, by name. They have cookies too.
sub pages {
    my $lines = "Content-Type: text/html\r\n$GA$SID";
    return (
        %TYPES,
        'no Content-Type'        => whole($GA . $SID, $PAGE),
        'two Content-Types'      => whole("Content-Type: text/plain\r\n$lines", $PAGE),
        'a page cut off'         => "$OK${lines}Content-Length: 9000\r\n\r\n" . substr($PAGE, 0, 100),
        'a page cut off in a tag' => "$OK${lines}Content-Length: 9000\r\n\r\n" . substr($PAGE, 0, 60),
        'a page of broken chunks' => "$OK${lines}Transfer-Encoding: chunked\r\n\r\n" . sprintf("%x\r\n%s\r\nzzz\r\n", length $PAGE, $PAGE),
        'a page with NULs'       => whole($lines, "\0$PAGE\0<scr\0ipt src=//t.example/>" . "\0" x 5000),
        'nothing but <'          => whole($lines, '<' x 200_000),
        'a tag without end'      => whole($lines, '<script ' . 'a' x 300_000),
        'attributes without end' => whole($lines, '<p' . ' a=b' x 50_000 . ">$PAGE"),
        'a comment without end'  => whole($lines, '<!--' . $PAGE x 20),
        'elements without end'   => whole($lines, '<svg><select><table><noscript>' x 20_000),
        'an empty page'          => whole($lines, ''),
        'a page of HTTP/1.0'     => "HTTP/1.0 200 OK\r\n$lines\r\n$PAGE",
        'a part of a page'       => "HTTP/1.1 206 Partial Content\r\n${lines}Content-Range: bytes 0-9/100\r\nContent-Length: 10\r\n\r\n0123456789",
        'ETags without sense'    => whole("${lines}ETag: \"a\r\nETag: W/\"\"\r\nLast-Modified: never\r\n", $PAGE),
    );
}

# Pages that say they are compressed.
sub compressed {
    return (
        'gzip'                => gzipped($GZIPPED),
        'gzip twice'          => gzipped($GZIPPED) =~ s/gzip\r\n/gzip, gzip\r\n/r,
        'gzip of two members' => gzipped($GZIPPED x 2),
        'gzip, and garbage'   => gzipped($GZIPPED . 'x' x 1000),
        'gzip, cut off'       => gzipped(substr $GZIPPED, 0, 60),
        'gzip, cut off in its head' => gzipped(substr $GZIPPED, 0, 5),
        'gzip, cut off in its end'  => gzipped(substr $GZIPPED, 0, -4),
        'gzip, cut off by the connection' => gzipped($GZIPPED) =~ s/Content-Length: \d+/Content-Length: 90000/r,
        'gzip, a wrong sum'   => gzipped(substr($GZIPPED, 0, -8) . 'xxxxxxxx'),
        'gzip, broken inside' => gzipped(substr($GZIPPED, 0, 40) . "\xff" x 40 . substr $GZIPPED, 80),
        'gzip, no gzip'       => gzipped($PAGE),
        'gzip, of nothing'    => gzipped(''),
        'gzip, flags without sense' => gzipped(substr($GZIPPED, 0, 3) . "\xff" . substr $GZIPPED, 4),
        'gzip, a name without end'  => gzipped(substr($GZIPPED, 0, 3) . "\x08" . substr($GZIPPED, 4, 6) . 'n' x 50_000),
        'gzip, a bomb'        => gzipped(bomb()),
        'deflate'             => gzipped($GZIPPED) =~ s/gzip\r\n/deflate\r\n/r,
        'br'                  => gzipped($GZIPPED) =~ s/gzip\r\n/br\r\n/r,
        'Content-Encoding of garbage' => gzipped($PAGE) =~ s/gzip\r\n/;,\xff\r\n/r,
    );
}

1;
