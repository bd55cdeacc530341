# Licensed under the Apache License, Version 2.0; see LICENSE.

# F1: answers that are malformed, extreme or broken off. What comes of each is what
# httpd makes of it without the module, less the denied cookies; over each path, with
# consent and without. F2: no log line has a cookie's value.
use strict;
use warnings;

use FindBin;
use Compress::Raw::Zlib;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use Privacy::Hostile;

needs_module(qw(proxy_http http2 ssl deflate buffer));

my %answers = Privacy::Hostile::answers();
my @names = sort keys %answers;

# The same answer of an origin that sets no denied cookie.
sub spared {
    my ($bytes) = @_;
    return join '', grep { !Privacy::Hostile::denied($_) } split /(?<=\n)/, $bytes;
}

# Whether an answer tells where it ends, and ends there.
sub is_delimited {
    my ($head, $body) = $_[0] =~ /\A(HTTP\/1\.1 [2-5]\d\d [ -~]*\r\n.*?\r\n)\r\n(.*)\z/s or return 0;
    return $head =~ /^Content-Length: (\d+)\r$/m && $1 eq length $body
        if $head !~ /^Transfer-Encoding: chunked\r$/m;
    while ($body =~ s/\A([1-9a-f][0-9a-f]{0,5})\r\n//) {
        return 0 if length $body < hex $1;
        substr $body, 0, hex $1, '';
        $body =~ s/\A\r\n// or return 0;
    }
    return $body eq "0\r\n\r\n";
}

# With a hint in front, for which the connection's filter has to be ready once more.
my $CLEAN = join '', map { "HTTP/1.1 $_->[0]\r\nSet-Cookie: _ga=DENIED\r\nSet-Cookie: sid=KEPT\r\n$_->[1]" }
    [ '103 Early Hints', "\r\n" ], [ '200 OK', "Content-Length: 5\r\n\r\nclean" ];
my $asked = 0;    # on one connection: each is a process of its own
my $origin = backend(sub {
    my ($request, $client) = @_;
    my ($n, $spared) = $request->target =~ m{/(\d+)(,spared)?};
    my $bytes = defined $n ? $answers{ $names[$n] } : $CLEAN;
    $bytes = spared($bytes) if $spared;
    $bytes =~ s/^Content-Length/X-Reused: 1\r\n$&/m if !defined $n && $asked;
    $asked++;
    $client->send($bytes);
    # A connection of mod_proxy's that stays is where the next request goes.
    return $request->target =~ m{^/kept} && (!defined $n || is_delimited($bytes));
});

# A script's answer as CGI has it.
sub for_cgi { return $_[0] =~ s{\AHTTP/1\.\d (\d+)[^\n]*\n}{Status: $1\r\n}r =~ s/^Content-Length: 4\r\n//mgr }

my %server = (
    tls     => 1,
    modules => [qw(cgi proxy_http http2 buffer)],
    define  => { ORIGIN => $origin->address },
    files   => {
        map { my $bytes = $answers{ $names[$_] }; (
            "/nph/$_" => $bytes, "/cgi/$_" => for_cgi($bytes), "/cgi/$_,spared" => spared(for_cgi($bytes)),
        ) } 0 .. $#names
    },
    cgi => {
        '/nph-says.cgi' => qq{#!/bin/sh\nexec cat "\$DOCUMENT_ROOT/nph/\$QUERY_STRING"\n},
        '/says.cgi'     => qq{#!/bin/sh\nexec cat "\$DOCUMENT_ROOT/cgi/\$QUERY_STRING"\n},
    },
);
my $PROXY = <<'CONF';
ProxyPass /proxy http://${ORIGIN}/proxy disablereuse=on
ProxyPass /kept http://${ORIGIN}/kept
ProxyPass /up http://${ORIGIN}/up upgrade=websocket disablereuse=on
MergeTrailers on
H2EarlyHints on
# Whether httpd knows how long a CGI's answer is would be a matter of timing.
<FilesMatch "^says\.cgi$">
    SetOutputFilter BUFFER
</FilesMatch>
CONF
my $without = httpd(%server, privacy => 0, conf => $PROXY);
my $with    = httpd(%server, conf => $Privacy::Hostile::POLICY . $PROXY);
my @crew    = sort $with->children;

my @GRANTED = ('Cookie: ' . consent('analytics=1'));
my %PATHS = (
    'mod_proxy'            => { target => '/proxy/%s', connection => 'close' },
    'mod_proxy, upgrade'   => { target => '/up/%s', connection => 'Upgrade, close', also => ['Upgrade: websocket'] },
    'a CGI'                => { target => '/says.cgi?%s', connection => 'close', cgi => 1 },
    # Both connections stay, and there is a request behind.
    'mod_proxy, kept'      => { target => '/proxy/%s', connection => 'keep-alive', kept => 1 },
    'a CGI, kept'          => { target => '/says.cgi?%s', connection => 'keep-alive', kept => 1, cgi => 1 },
);

# How often the clean request behind was answered, and on a connection of mod_proxy's that
# a malformed answer had come over.
my (%behind, $reused);

# Every byte that comes back, up to the end.
sub ask {
    my ($httpd, $path, $n, @lines) = @_;
    my $connection = $httpd->connect;
    my @asks = [ sprintf($path->{target}, $n), $path->{connection} ];
    # Whether mod_proxy sees that a connection has been closed before it asks on it is a
    # matter of timing.
    my $kept = $path->{kept} && is_delimited($answers{ $names[ $n =~ s/,.*//r ] });
    $asks[0][0] =~ s{^/proxy}{/kept} if $kept;
    push @asks, [ $kept ? '/kept/clean' : '/proxy/clean', 'close' ] if $path->{kept};
    $connection->send(join '', map { Privacy::Client::request_bytes('www.example.org', GET => $_->[0], undef,
        "Connection: $_->[1]", @{ $path->{also} || [] }, @lines) } @asks);
    my $bytes = $connection->rest;
    $connection->close;
    return $bytes;
}

# An answer taken apart: its heads, and its body with how it ends. Whether httpd tells how
# long the body is going to be, or has chunks, is as it happens to know; `length` is what
# it told. Where another may follow, the rest is left to be taken.
sub take_answer {
    my ($bytes, $another) = @_;
    my @heads;
    while ($$bytes =~ s{\A(HTTP/\S+ (\d+).*?\r\n)\r\n}{}s) {
        push @heads, $1;
        last if $2 == 101 || $2 >= 200;
    }
    my ($body, $ends, $length, $last) = ('', 'whole ', undef, @heads ? \$heads[-1] : \my $none);
    if ($$last && $$last =~ s/^Transfer-Encoding: chunked\r\n//im) {
        $ends = 'cut off';
        while ($$bytes =~ s/\A([0-9a-f]+)\r\n//i) {
            my $size = hex $1;
            $body .= substr $$bytes, 0, $size, '';
            # The trailer, or the end of the chunk.
            $ends = "whole $1", last if !$size && $$bytes =~ s/\A((?:[^\r\n]+\r\n)*)\r\n//;
            $$bytes =~ s/\A\r\n//;
        }
    }
    elsif ($$last && $$last =~ s/^Content-Length: (\d+)\r\n//im) {
        $length = $1;
        $body = substr $$bytes, 0, $length, '';
        $ends = 'cut off' if length $body < $length;
    }
    elsif (($$last // '') !~ m{\AHTTP/\S+ (?:204|304)}) {
        $body = substr $$bytes, 0, length $$bytes, '';
    }
    $ends .= substr $$bytes, 0, length $$bytes, '' if !$another;
    return { heads => \@heads, body => $body, ends => $ends, length => $length };
}

sub dissect { return take_answer(\$_[0], 0) }

# What came over a connection that was kept.
sub dissect_all {
    my ($bytes) = @_;
    my @answers;
    push @answers, take_answer(\$bytes, 1) while $bytes =~ m{\AHTTP/};
    $answers[-1]{ends} .= $bytes if @answers;
    return @answers ? @answers : dissect($bytes);
}

# What does not matter: the time, whether the origin was asked on a connection that it knew,
# and what the response varies by, which is looked at below.
sub still { return $_[0] =~ s/^(?:Date|Expires): [^\r]*\r\n//mgri =~ s/^(?:Vary|X-Reused|Privacy-(?:Enforce|Message|Inspect)): [^\r]*\r\n//mgri }

sub text_of {
    my ($answer) = @_;
    return join "\r\n", @{ $answer->{heads} }, $answer->{body}, $answer->{ends};
}

# Equal, or where they part.
sub same {
    my ($got, $expected, $name) = @_;
    return if $got eq $expected;
    my ($at) = ($got ^ $expected) =~ /^(\0*)/ ? length $1 : 0;
    my @parts = map { substr($_, $at > 200 ? $at - 200 : 0, 400) =~ s/([^ -~\n])/sprintf '\\x%02x', ord $1/ger } $got, $expected;
    return "$name: " . length($got) . ' bytes and not ' . length($expected) . ", parting at $at:\n$parts[0]\n---- expected ----\n$parts[1]\n";
}

# The cookies of all heads that may pass, none of which is of a length that makes how it is
# read a matter of timing.
sub essential { return join '', grep { /^Set-Cookie:/i && length() < 1000 && !Privacy::Hostile::denied($_) } map { split /(?<=\n)/ } @{ $_[0]{heads} } }

sub denied_in { return grep { Privacy::Hostile::denied($_) } map { split /(?<=\n)/ } @{ $_[0]{heads} } }

# How two answers differ; $judged: what was expected sets cookies that must have gone.
sub differ {
    my ($got, $expected, $judged, $name) = @_;
    my %of = %$expected;
    $of{heads} = [ map { join '', grep { !Privacy::Hostile::denied($_) } split /(?<=\n)/ } @{ $of{heads} } ] if $judged;
    return (
        same(still(text_of($got)), still(text_of(\%of)), $name),
        # Whether a length is told may be a matter of timing, what it is is not.
        defined $got->{length} && defined $of{length} && $got->{length} ne $of{length} ? "$name: a length of $got->{length} and not $of{length}\n" : (),
    );
}

# What is wrong with the answers of the server with the module.
sub judge {
    my ($path, $n) = @_;
    my $taken = $path->{kept} ? \&dissect_all : \&dissect;
    my @off = $taken->(ask($without, $path, $n));
    my @on  = $taken->(ask($with, $path, $n));
    # A CGI's interim head is the last to httpd and not to a client: what follows must be a
    # head, or is not sent. And how a line that fills mod_cgi's buffer is read, is a matter of
    # timing.
    if ($path->{cgi} && $names[$n] =~ /hint|flood|^102|\b(?:819\d|9000|20000) bytes/) {
        return ((map { denied_in($_) } @on), same(essential($on[0]), essential($off[0]), 'essential cookies'));
    }
    # A head of more than 64 KiB that passes all but the connection's filter is refused.
    if (!$path->{cgi} && ($off[0]{heads}[0] // q()) =~ m{\AHTTP/1\.1 101.{65500}}s) {
        return grep { !/\AHTTP\/1\.1 500 .*Connection: close\r\n\z/s } $on[0]{heads}[0];
    }
    my @given = $taken->(ask($with, $path, $n, @GRANTED));
    my @wrong = @given == @off ? map { differ($given[$_], $off[$_], 0, "with consent, answer $_") } 0 .. $#off : 'with consent: ' . @given . ' answers and not ' . @off;
    my @denied = denied_in($off[0]);
    # httpd refuses a cookie that it cannot send; there may be none left.
    if (still(text_of($off[0])) ne still(text_of($on[0])) && !@denied && $off[0]{heads}[0] =~ m{^HTTP/1.1 500}) {
        @off = $taken->(ask($without, $path, "$n,spared"));
    }
    push @wrong, @on == @off ? map { differ($on[$_], $off[$_], 1, "without consent, answer $_") } 0 .. $#off : 'without consent: ' . @on . ' answers and not ' . @off;
    my $last = $on[0]{heads}[-1] // '';
    push @wrong, "does not vary:\n$last" if $last !~ /\AHTTP\S+ 101|^Vary: .*(?:cookie|\*)/im && grep { /^Set-Cookie/i } @denied
        and @{ $on[0]{heads} } == 1;
    if ($path->{kept} && ($on[1]{body} // '') eq 'clean' && @{ $on[1]{heads} } == 2) {
        $behind{ $path->{name} }++;
        $reused++ if $on[1]{heads}[-1] =~ /^X-Reused/m;
    }
    return @wrong;
}

# ---- through mod_proxy and CGI ----

$PATHS{$_}{name} = $_ for keys %PATHS;
for my $name (sort keys %PATHS) {
    subtest $name => sub {
        for my $n (0 .. $#names) {
            my @wrong = judge($PATHS{$name}, $n);
            ok !@wrong, "F1 R1 $name: $names[$n]" or diag @wrong;
        }
        cmp_ok $behind{$name} // 0, '>=', 150, "and over $behind{$name} connections came another answer" if $PATHS{$name}{kept};
    };
}
cmp_ok $reused // 0, '>=', 150, "and $reused times over a connection of mod_proxy's that was there";

# ---- over HTTP/2 ----

# The fields of a head; the cookies of an interim one mod_http2 has joined.
sub http2_fields {
    my ($head) = @_;
    return map { /\A(set-cookie: )(.*)\z/s ? map { "$1$_" } split /, (?=[^;,=]+=)/, $2 : $_ } $head->lines;
}

# All heads; with only some of their lines, if it is to be judged.
sub http2_head {
    my ($answer, $judged) = @_;
    my @lines = grep { defined } (map { $_->start, http2_fields($_) } $answer->interim), $answer->start, $answer->lines;
    @lines = grep { !Privacy::Hostile::denied($_) } @lines if $judged;
    return still(join '', map { "$_\r\n" } @lines);
}

# How two answers differ. A stream that is reset has come as far as it happened to.
sub http2_differ {
    my ($got, $expected, $judged, $name) = @_;
    my ($head, $expected_head) = (http2_head($got), http2_head($expected, $judged));
    my ($body, $expected_body) = ($got->body, $expected->body);
    return "$name: curl says $got->{exit} and not $expected->{exit}\n" if !$got->{exit} != !$expected->{exit};
    return same($head . $body, $expected_head . $expected_body, $name) if !$got->{exit};
    return if $head eq '' || $expected_head eq '';
    my $length = length $body < length $expected_body ? length $body : length $expected_body;
    return same($head . substr($body, 0, $length), $expected_head . substr($expected_body, 0, $length), $name);
}

# A head that is the last to httpd, and an interim one to a client, which takes the body
# for the next.
{
    my ($n) = grep { $names[$_] eq 'a hint' } 0 .. $#names;
    my $path = $PATHS{'a CGI'};
    like ask($without, $path, $n), qr/\AHTTP\/1\.1 103 .*^Set-Cookie: _ga=DENIED.*^HTTP\/1\.1 200 OK\r\n.*^Set-Cookie: _ga=DENIED/ms,
        'Status: 103 of a CGI, with what looks like a head behind it';
    my $on = ask($with, $path, $n);
    unlike $on, qr/_ga/, 'R2: Status: 103 of a CGI, denied';
    is scalar(() = $on =~ /^Set-Cookie: sid=KEPT/mg), 2, 'R2: both heads keep what is allowed';
}

# mod_http2 sends trailers; those of one name httpd has made one.
{
    my ($n) = grep { $names[$_] eq 'a trailer' } 0 .. $#names;
    my $trailers = sub {
        my ($httpd, @lines) = @_;
        my $curl = 'curl -q -s -k --http2 -D - -o /dev/null';
        my @said = map { s/\r?\n\z//r } qx{$curl @{[ map { "-H '$_'" } @lines ]} https://127.0.0.1:@{[ $httpd->port('TLS') ]}/proxy/$n};
        return [ grep { /trailer/i } @said ];
    };
    my $off = ['x-trailer: 1', 'set-cookie: _ga=DENIED-trailer, sid=trailer'];
    is_deeply $trailers->($without), $off, 'trailers over HTTP/2';
    is_deeply $trailers->($with, @GRANTED), $off, 'R1: trailers, granted';
    is_deeply $trailers->($with), ['x-trailer: 1'], 'R1: trailers, denied';
}

subtest 'mod_proxy, HTTP/2' => sub {
    my @asks  = map { [ GET => "/proxy/$_", { may_fail => 1 } ] } 0 .. $#names;
    my @off   = $without->series('h2', @asks);
    my @on    = $with->series('h2', @asks);
    my @given = $with->series('h2', map { [ @$_, @GRANTED ] } @asks);
    my $hints = 0;
    for my $i (0 .. $#names) {
        my $expected = $off[$i];
        if ($off[$i]{exit} && $off[$i]->head eq '' && !$on[$i]{exit}) {
            ($expected) = $without->series('h2', [ GET => "/proxy/$i,spared", { may_fail => 1 } ]);
        }
        my @wrong = (http2_differ($given[$i], $off[$i], 0, 'with consent'), http2_differ($on[$i], $expected, 1, 'without consent'));
        $hints += $on[$i]->interim > 0;
        ok !@wrong, "F1 R1 HTTP/2: $names[$i]" or diag @wrong;
    }
    cmp_ok $hints, '>=', 5, "and $hints of them had an interim answer";
};

# ---- scripts that write their own head ----

my $REFUSAL = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

sub is_no_head { return $_[0] =~ /[^\r\n]/ && $_[0] !~ m{\A[\r\n]*H(?:\z|T(?:\z|T(?:\z|P(?:\z|/))))}i }

# The fields of all heads, and what follows the last. A head that breaks off is one; a
# line that is no field cannot be folded.
sub fields_of {
    my ($bytes) = @_;
    my @fields;
    while ($bytes =~ s{\A((?:\r?\n)*HTTP/[^\n]*\n?)((?:(?!\r?\n)[^\n]*(?:\n|\z))*)(\r?\n|\z)}{}i) {
        my ($start, $head, $end) = ($1, $2, $3);
        $start =~ s/\r[^\n]*(\r\n)\z/$1/ if Privacy::Hostile::denied($start =~ s/^[^\r]*\r//r);
        push @fields, $start, $head =~ /\G([^\n:]*:[^\n]*(?:\n[ \t]+[^\n]*)*(?:\n|\z)|[^\n]*\n|[^\n]+\z)/g, $end;
        last if $start !~ m{HTTP/\S+\s+1(?!01)\d\d\b};
        return (\@fields, $REFUSAL) if is_no_head($bytes);
    }
    return (\@fields, $bytes);
}

subtest 'an nph- script' => sub {
    my $path = { target => '/nph-says.cgi?%s', connection => 'close' };
    for my $n (0 .. $#names) {
        my $off = ask($without, $path, $n);
        my $on  = ask($with, $path, $n) =~ s/^Vary: Cookie\r?\n//mr;
        my ($fields, $rest) = fields_of($off);
        my $expected = join('', grep { !Privacy::Hostile::denied($_) } @$fields) . $rest;
        # What has no status line, and a head of more than 64 KiB, are not passed on.
        my $refused = is_no_head($off) || length(join '', @$fields) > 65_536;
        my @wrong = same($on, $refused ? $REFUSAL : $expected, 'without consent');
        my $granted = $rest eq $REFUSAL ? join('', @$fields) . $rest : $off;
        push @wrong, same(ask($with, $path, $n, @GRANTED), $granted, 'with consent') if !$refused;
        ok !@wrong, "F1 R2 an nph- script: $names[$n]" or diag @wrong;
    }
};

# ---- pages ----

my %pages = (Privacy::Hostile::pages(), Privacy::Hostile::compressed());
my @pages = sort keys %pages;
my $paper = backend(sub {
    my ($request, $client) = @_;
    $client->send($pages{ $pages[ ($request->target =~ m{/(\d+)})[0] ] });
    return 0;
});
my %page_server = (modules => [qw(proxy_http deflate)], define => { ORIGIN => $paper->address });
my $PAGES = "ProxyPass / http://\${ORIGIN}/ disablereuse=on\n";
my $plain = httpd(%page_server, privacy => 0, conf => $PAGES);
my $rewriting = httpd(%page_server, conf => "$Privacy::Hostile::POLICY${PAGES}PrivacyRewriteHTML on\n");
my @page_crew = sort $rewriting->children;

# A page without what the module may insert (rule H1).
sub original { return $_[0] =~ s/ type="?text\/plain"? data-privacy-category="?analytics"?(?= )//gr =~ s/data-privacy-(?=src=)//gr }

# What can be inflated, and whether that is all.
sub inflated {
    my ($body) = @_;
    return ($body, 1) if $body !~ /\A\x1f\x8b/;
    my $zlib = Compress::Raw::Zlib::Inflate->new(-WindowBits => WANT_GZIP);
    my $status = $zlib->inflate($body, my $page);
    return ($page, $status == Z_STREAM_END);
}

# The lines that a change of the body leaves as they are.
sub lasting { return join '', grep { !/^(?:ETag|Last-Modified|Content-Encoding|Content-Length|Accept-Ranges):/i } split /(?<=\n)/, still($_[0]) }

sub judge_page {
    my ($n) = @_;
    my $path = { target => '/%s', connection => 'close', also => [ 'Accept: text/html', 'Accept-Encoding: gzip' ] };
    my $off = dissect(ask($plain, $path, $n));
    my %got = (
        'without consent' => dissect(ask($rewriting, $path, $n)), 'with consent' => dissect(ask($rewriting, $path, $n, @GRANTED)),
    );
    my $gzip = $off->{heads}[0] =~ /^Content-Encoding: gzip(, gzip)?\r$/m;
    my ($page, $sound) = $gzip ? inflated($off->{body}) : ($off->{body}, 1);
    my @wrong;
    for my $how (sort keys %got) {
        my ($got, $expected) = ($got{$how}, $off->{heads}[0]);
        next if $gzip && (!$sound || $off->{ends} ne 'whole ') && $got->{heads}[0] =~ m{^HTTP/1.1 502 };
        $expected = join '', grep { !Privacy::Hostile::denied($_) } split /(?<=\n)/, $expected if $how eq 'without consent';
        push @wrong, same(lasting($got->{heads}[0]), lasting($expected), "$how, head");
        my $body = original($got->{body});
        if ($gzip && $got->{ends} ne 'whole ') {    # a bomb, or cut off
            push @wrong, "$how: not the beginning of the page" if $body ne substr $page, 0, length $body;
            next;
        }
        push @wrong, "$how: a length of $got->{length} and not $off->{length}" if $body eq $off->{body} && $body eq $got->{body}
            && defined $got->{length} && defined $off->{length} && $got->{length} ne $off->{length};
        push @wrong, same($body, $page, "$how, body") if $body ne $off->{body};
        push @wrong, "$how: $got->{ends} and not $off->{ends}" if $got->{ends} ne $off->{ends};
    }
    return @wrong;
}

subtest 'pages' => sub {
    for my $n (0 .. $#pages) {
        my @wrong = judge_page($n);
        ok !@wrong, "F1 H1 a page: $pages[$n]" or diag @wrong;
    }
};
is_deeply [ sort $rewriting->children ], \@page_crew, 'F1: the children are those that there were';

is_deeply [ sort $with->children ], \@crew, 'F1: its children are those that there were';
is_deeply [ grep { /\[privacy:/ && /DENIED|KEPT/ } split /\n/, $with->log ], [], 'F2: no value of a cookie is logged';
done(allow => [qr/^\[[^]]*\] \[(?:proxy|proxy_http|http|cgid?|core|http2|deflate):(?:error|warn)\] /, qr/PRIV00(?:1[123]|20):/,
    qr/^cat: .*(?:Broken pipe|Connection reset by peer)/ ]);
