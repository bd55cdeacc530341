#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# Command table, conf/ and the reference say the same; every example of the documentation loads, and does what
# stands below it.
#
# A Markdown file may begin with a comment
#
#     <!-- prelude
#     PrivacyCategory ...
#     -->
#
# whose lines stand in front of each of its examples, but for those that the example declares itself: in its first
# column the same directive with the same first argument, or PrivacyEngine. A block ```apache is an example. Blocks
# ```exchange below it are played against it, line by line:
#
#     browser sends:      a request line without version, or a header line
#     application gets:   a request line without version, a header line, or `nothing`: no Cookie
#     application sends:  a header line
#     browser gets:       all Set-Cookie header lines in their order, or `nothing`
#     page sent:          the HTML that the application sends
#     page received:      what has become of it
#     logged:             the end of a line of some access log
#
# with NOW for the time and DIGEST for a policy's digest. The application is a backend, at the address that the
# example's ProxyPass names, or behind a ProxyPass of the test's own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $TOP = "$FindBin::Bin/..";
my @MODULES = qw(headers setenvif env alias rewrite proxy proxy_http proxy_fcgi remoteip authz_host);
my $HOST = 'www.careers.example';

# Directives that take one value: a default of theirs is what they do when they are not there.
my %DEFAULT_SHOWN = map { $_ => 1 } qw(
    PrivacyUndeclared PrivacyLifetime PrivacyPolicyVersion PrivacyConsentCookie PrivacyMessage
    PrivacyEngine PrivacyFilterRequest PrivacyExpire PrivacyRewriteHTML
);

needs_module(@MODULES);

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', "$TOP/$file" or die "$file: $!\n";
    local $/;
    return scalar <$fh>;
}

# ---- the command table ----

sub command_table {
    my %table;
    my $source = slurp('mod_privacy.c');
    while ($source =~ /AP_INIT_(\w+)\(\s*"(Privacy\w+)",\s*\w+,\s*NULL,\s*(\w+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)/g) {
        my ($kind, $name, $where, $help) = ($1, $2, $3, $4);
        my $text = join '', $help =~ /"((?:[^"\\]|\\.)*)"/g;
        $text =~ s/\\"/"/g;
        $table{$name} = { kind => $kind, where => $where, help => $text };
    }
    is scalar(keys %table), scalar(() = $source =~ /\bAP_INIT_/g), 'the command table is read whole';
    return \%table;
}

# ---- the reference ----

sub sections {
    my %sections;
    my $text = slurp('docs/directives.md');
    while ($text =~ /^## (Privacy\w+)\n(.*?)(?=^##? |\z)/gms) {
        my ($name, $body) = ($1, $2);
        ok !$sections{$name}, "$name has one section";
        my %field = $body =~ /^\| (Syntax|Default|Context|Merging) \| (.*) \|$/gm;
        s/\\\|/|/g for values %field;
        $sections{$name} = { %field, text => $body };
    }
    return \%sections;
}

sub compare_table_and_reference {
    my ($table, $sections) = @_;
    my $checked = 0;
    for my $name (sort keys %$table) {
        my $section = $sections->{$name};
        ok $section, "$name is in the reference" or next;
        $checked++;
        my $server = 'server config, virtual host';
        is $section->{Context}, $table->{$name}{where} eq 'SERVER' ? $server : "$server, directory",
            "$name: context is the table's";
        like $section->{Syntax}, qr/^`\Q$name\E .+`$/, "$name: syntax";
        if ($table->{$name}{kind} =~ /^(?:TAKE_ARGV|RAW_ARGS)$/) {
            is $section->{Syntax}, "`$name $table->{$name}{help}`", "$name: syntax is the table's";
        }
        ok length $section->{Default} && length $section->{Merging}, "$name: default and merging are said";
        like $section->{text}, qr/\A\n[A-Z].*?\.\n/, "$name: begins with a description";
        like $section->{text}, qr/^```apache$/m, "$name: has an example";
        like $section->{text}, qr/^```exchange$|No header of a response follows/m, "$name: says what results";
        if ($section->{Default} =~ /^`$name /) {
            ok $DEFAULT_SHOWN{$name}, "$name: its default is shown below";
        }
    }
    is_deeply [ sort grep { !$table->{$_} } keys %$sections ], [], 'the reference has no other directive';
    cmp_ok $checked, '>=', 12, "$checked directives compared";
}

sub compare_table_and_conf {
    my ($table) = @_;
    my @files = ('conf/privacy.conf', map { s{^\Q$TOP\E/}{}r } glob "$TOP/conf/catalogue/*.conf");
    my (%used, $lines);
    for my $file (@files) {
        for my $line (split /\n/, slurp($file)) {
            next if $line !~ /^\s*(Privacy\w+)\s/;
            $lines++;
            ok 0, "$file: no such directive: $1" if !$table->{$1};
            $used{$1}{$file}++;
        }
    }
    for my $name (sort keys %$table) {
        my $shown = $used{$name}{'conf/privacy.conf'} || slurp('conf/privacy.conf') =~ /^#\s+$name\s/m;
        ok $shown, "$name is shown in conf/privacy.conf";
    }
    cmp_ok $lines, '>=', 700, "$lines directives of conf/ are in the table";
    cmp_ok scalar @files, '>=', 70, scalar(@files) . ' files of conf/ read';
}

# ---- where a directive may stand ----

my %SAMPLE = (
    PrivacyCategory      => 'PrivacyCategory x opt-in "T" "D"',
    PrivacyProvider      => 'PrivacyProvider x "T"',
    PrivacyCookie        => 'PrivacyCookie x analytics session "P"',
    PrivacyUndeclared    => 'PrivacyUndeclared pass',
    PrivacyLifetime      => 'PrivacyLifetime cap',
    PrivacyPolicyVersion => 'PrivacyPolicyVersion 2',
    PrivacyMessage       => 'PrivacyMessage x',
    PrivacyConsentCookie => 'PrivacyConsentCookie x',
    PrivacySignal        => 'PrivacySignal gpc analytics',
    PrivacyConsentSource => 'PrivacyConsentSource klaro analytics=a',
    PrivacyGPCStatement  => 'PrivacyGPCStatement 2026-11-23',
    PrivacyTracker       => 'PrivacyTracker x.example analytics',
    PrivacyInlineTracker => 'PrivacyInlineTracker "x" analytics',
    PrivacyParameter     => 'PrivacyParameter x analytics',
    PrivacyNotice        => 'PrivacyNotice /notice',
    PrivacyLanguage      => 'PrivacyLanguage en fr',
    PrivacyPage          => 'PrivacyPage /cookies',
    PrivacyTemplates     => 'PrivacyTemplates /',
    PrivacyConsentMode   => 'PrivacyConsentMode analytics=analytics_storage',
    PrivacyEngine        => 'PrivacyEngine on',
    PrivacyFilterRequest => 'PrivacyFilterRequest on',
    PrivacyExpire        => 'PrivacyExpire on',
    PrivacyRewriteHTML   => 'PrivacyRewriteHTML on',
);

sub try_contexts {
    my ($table, $prelude) = @_;
    my @contexts = (
        [ 'main server',  "%s\n",                             1, 1 ],
        [ 'virtual host', "<VirtualHost *>\n%s\n</VirtualHost>\n", 1, 1 ],
        [ 'Directory',    "<Directory />\n%s\n</Directory>\n", 0, 1 ],
        [ 'Location',     "<Location /x>\n%s\n</Location>\n", 0, 1 ],
        [ 'If',           "<If true>\n%s\n</If>\n",           0, 1 ],
    );
    my $tried = 0;
    for my $name (sort grep { $SAMPLE{$_} } keys %$table) {
        for my $context (@contexts) {
            my ($where, $frame, $server, $directory) = @$context;
            my $allowed = $table->{$name}{where} eq 'SERVER' ? $server : $directory;
            my ($exit, $said) = configtest($prelude . sprintf $frame, $SAMPLE{$name});
            ok $allowed ? $exit == 0 : $exit != 0, "$name in $where: " . ($allowed ? 'yes' : 'no') or diag $said;
            $tried++;
        }
    }
    cmp_ok $tried, '>=', 5 * 12, "$tried places tried";
}

# ---- examples ----

# The examples of a file, each with its exchanges.
sub examples {
    my ($file) = @_;
    my $text = slurp($file);
    my ($prelude) = $text =~ /^<!-- prelude\n(.*?)^-->/ms;
    my (@examples, $heading);
    while ($text =~ /^#+ ([^\n]*)$|^```(\w*)\n(.*?)^```$/gms) {
        if (defined $1) {
            $heading = $1;
        }
        elsif ($2 eq 'apache') {
            push @examples, { name => "$file: $heading " . @examples, conf => $3, exchanges => [] };
        }
        elsif ($2 eq 'exchange') {
            # What stands in front of the first example is about the prelude.
            push @examples, { name => "$file: prelude", conf => '', exchanges => [] } if !@examples;
            push @{ $examples[-1]{exchanges} }, $3;
        }
    }
    return ($prelude // '', @examples);
}

# The site of the examples is www.careers.example.
sub with_prelude {
    my ($prelude, $conf) = @_;
    my %own = map { $_ => 1 } $conf =~ /^(Privacy\w+\s+\S+)/gm;
    my $engine = $conf =~ /^PrivacyEngine\s/m;
    my @kept = grep { !/^(Privacy\w+\s+\S+)/ || !$own{$1} } split /\n/, $prelude;
    return join "\n", 'ServerName www.careers.example', (grep { !$engine || !/^PrivacyEngine/ } @kept), $conf;
}

# What it answers, it is told by the request, in hexadecimal.
my $application = backend(sub {
    my ($request, $connection) = @_;
    my $answer = $request->header('X-Answer') // '';
    my ($head, $page) = split /\n\n/, pack('H*', $answer), 2;
    return $connection->reply('200 OK', [ 'Content-Type: text/html', split /\n/, $head // '' ], $page // "<p>\n");
});

# One server for all of it, which is given one configuration after the other: stopping it takes a second each time.
my $httpd;

sub start {
    my ($conf) = @_;
    my $address = $application->address;
    if ($conf !~ s{http://127\.0\.0\.1:8081/}{http://$address/}g) {
        $conf .= "\nProxyPass / http://$address/\n";
    }
    return $httpd->graceful($conf) if $httpd;
    return $httpd = httpd(conf => $conf, modules => \@MODULES);
}

sub play {
    my ($name, $exchange) = @_;
    my $now = time;
    my %said;
    for my $line (split /\n/, $exchange =~ s/\bNOW\b/$now/gr) {
        my ($who, $what) = $line =~ /^(browser sends|application gets|application sends|browser gets|page sent|page received|logged):\s+(.*)$/
            or die "$name: what is this? '$line'\n";
        push @{ $said{$who} }, $what;
    }
    my ($method, $target) = ('GET', '/');
    my @lines;
    for my $what (@{ $said{'browser sends'} || [] }) {
        if ($what =~ m{^(GET|HEAD|POST) (/\S*)$}) {
            ($method, $target) = ($1, $2);
        }
        else {
            push @lines, $what;
        }
    }
    unshift @lines, "Host: $HOST" if !grep { /^Host:/i } @lines;
    my $answer = unpack 'H*', join "\n\n", join("\n", @{ $said{'application sends'} || [] }), @{ $said{'page sent'} || [] };
    my $response = $httpd->request($method, $target, @lines, "X-Answer: $answer");
    my $checked = 0;
    is $response->status, 200, "$name: the application was asked" or return 0;
    if (my $gets = $said{'application gets'}) {
        my $request = $application->last_request;
        $checked += check_header($request, $_, $name) for @$gets;
    }
    if (my $gets = $said{'browser gets'}) {
        my @expected = map { /^Set-Cookie: (.*)/ ? $1 : () } @$gets;
        is @expected, grep({ $_ ne 'nothing' } @$gets), "$name: Set-Cookie lines";
        is_deeply [ $response->set_cookies ], \@expected, "$name: what the browser gets";
        $checked++;
    }
    for my $page (@{ $said{'page received'} || [] }) {
        is $response->body, $page, "$name: the page that the browser gets";
        $checked++;
    }
    for my $text (@{ $said{logged} || [] }) {
        ok logged($text), "$name: logged: $text";
        $checked++;
    }
    ok $checked, "$name: something is checked";
    return $checked;
}

sub check_header {
    my ($request, $what, $name) = @_;
    if ($what eq 'nothing') {
        is $request->header('Cookie'), undef, "$name: the application gets no Cookie";
        return 1;
    }
    if ($what =~ m{^GET (/\S*)$}) {
        is $request->target, $1, "$name: the application is asked for";
        return 1;
    }
    my ($header, $value) = $what =~ /^([\w-]+): (.*)$/ or die "$name: no header line: '$what'\n";
    my $pattern = quotemeta($value) =~ s/DIGEST/[a-z][0-9a-f]{7}/r;
    like scalar $request->header($header), qr/\A$pattern\z/, "$name: the application gets $header";
    return 1;
}

# The log is written when the response has been sent.
sub logged {
    my ($text) = @_;
    return wait_until(sub { grep { Privacy::Httpd::slurp($_) =~ /\Q$text\E$/m } glob $httpd->root . '/logs/*.log' });
}

sub run_examples {
    my ($file, $least_examples, $least_exchanges) = @_;
    my ($prelude, @examples) = examples($file);
    my $played = 0;
    for my $example (@examples) {
        my $conf = with_prelude($prelude, $example->{conf});
        my ($exit, $said) = configtest($conf, modules => \@MODULES);
        is $exit, 0, "$example->{name}: loads" or diag("$said\n$conf"), next;
        unlike $said, qr/PRIV\d+/, "$example->{name}: without a warning"
            if $example->{conf} !~ /denied=session/;
        next if !@{ $example->{exchanges} };
        start($conf);
        my $n = 0;
        $played += play("$example->{name}, exchange " . ++$n, $_) for @{ $example->{exchanges} };
    }
    cmp_ok scalar @examples, '>=', $least_examples, "$file: " . @examples . ' examples loaded';
    cmp_ok $played, '>=', $least_exchanges, "$file: $played results seen";
    return $prelude;
}

# ---- the files that internals.md explains ----

sub compare_internals_and_source {
    my $text  = slurp('docs/internals.md');
    my %named = map { $_ => 1 } $text =~ /\b((?:pv|privacy)[a-z0-9_]*\.[ch])\b/g;
    my %there = map { s{.*/}{}r => 1 } glob("$TOP/src/*.h"), glob("$TOP/src/*/*.[ch]");
    is_deeply [ sort grep { !$there{$_} } keys %named ], [], 'internals.md names no file that is gone';
    my @contracts = grep { /\.h$/ } sort keys %there;
    ok $named{$_}, "internals.md says what $_ is" for @contracts;
    cmp_ok scalar @contracts, '>=', 30, scalar(@contracts) . ' headers of src/ are explained';
}

# ---- the README's configuration ----

sub try_readme {
    my ($conf) = slurp('README') =~ /^A configuration that works\n-+\n\n(.*?)^\S/ms;
    my @lines = grep { !/^LoadModule privacy_module / } map { s/^    //r } split /\n/, $conf // '';
    my @directives = grep { /\S/ } @lines;
    cmp_ok scalar @directives, '>=', 5, 'README: there is a configuration';
    cmp_ok scalar @directives, '<=', 9, 'README: of ten lines, with LoadModule';
    start(join "\n", @lines);
    play('README without consent', <<'EXCHANGE');
browser sends:     Cookie: _ga=GA1.2.3.4; sid=1
application gets:  Cookie: sid=1
application sends: Set-Cookie: _ga=GA1.2.3.4; Max-Age=94608000; Path=/
application sends: Set-Cookie: sid=2; Path=/; HttpOnly
browser gets:      Set-Cookie: sid=2; Path=/; HttpOnly
EXCHANGE
    play('README with consent', <<'EXCHANGE');
browser sends:     Cookie: privacy_consent=v=1&p=1&t=NOW&analytics=1
application sends: Set-Cookie: _ga=GA1.2.3.4; Max-Age=94608000; Path=/
browser gets:      Set-Cookie: _ga=GA1.2.3.4; Max-Age=63072000; Path=/
EXCHANGE
}

# ---- defaults ----

# A default is shown by what happens without the directive, and again with what the reference says. Another value
# does something else.
my %SHOW = (
    PrivacyEngine => [ 'PrivacyEngine on', <<'EXCHANGE' ],
application sends: Set-Cookie: _ga=1; Path=/
browser gets:      Set-Cookie: _ga=1; Path=/
EXCHANGE
    PrivacyUndeclared => [ 'PrivacyUndeclared strip', <<'EXCHANGE' ],
application sends: Set-Cookie: nobody=1; Path=/
browser gets:      Set-Cookie: nobody=1; Path=/
EXCHANGE
    PrivacyLifetime => [ 'PrivacyLifetime pass', <<'EXCHANGE' ],
application sends: Set-Cookie: careers_session=1; Max-Age=60; Path=/
browser gets:      Set-Cookie: careers_session=1; Path=/
EXCHANGE
    PrivacyPolicyVersion => [ 'PrivacyPolicyVersion 2', <<'EXCHANGE' ],
browser sends:     Cookie: privacy_consent=v=1&p=1&t=NOW&analytics=1
application sends: Set-Cookie: _ga=1; Path=/
browser gets:      Set-Cookie: _ga=1; Path=/
EXCHANGE
    PrivacyConsentCookie => [ 'PrivacyConsentCookie other', <<'EXCHANGE' ],
browser sends:     Cookie: privacy_consent=v=1&p=1&t=NOW&analytics=1
application sends: Set-Cookie: _ga=1; Path=/
browser gets:      Set-Cookie: _ga=1; Path=/
EXCHANGE
    PrivacyFilterRequest => [ 'PrivacyFilterRequest off', <<'EXCHANGE' ],
browser sends:     Cookie: _ga=1
application gets:  nothing
EXCHANGE
    PrivacyExpire => [ 'PrivacyExpire off', <<'EXCHANGE' ],
browser sends:     Host: localhost
browser sends:     Sec-Fetch-Dest: document
browser sends:     Cookie: _ga=1
browser gets:      Set-Cookie: _ga=; Max-Age=0; Path=/
EXCHANGE
    PrivacyRewriteHTML => [ "PrivacyTracker t.example analytics\nPrivacyRewriteHTML on", <<'EXCHANGE', 'PrivacyTracker t.example analytics' ],
page sent:         <img src="https://t.example/">
page received:     <img src="https://t.example/">
EXCHANGE
    PrivacyMessage => [ 'PrivacyMessage m lifetime=30d', <<'EXCHANGE', 'PrivacyMessage m' ],
application sends: Privacy-Message: m
browser gets:      Set-Cookie: site_message_m=seen; Max-Age=31536000; Path=/; SameSite=Lax
EXCHANGE
);

sub show_defaults {
    my ($prelude, $sections) = @_;
    for my $name (sort keys %SHOW) {
        my ($other, $exchange, $bare) = @{ $SHOW{$name} };
        my $default = $sections->{$name}{Default} // '';
        my $said = $bare ? join ' ', $bare, map { /^\w+=/ ? s/NAME/m/r : () } $default =~ /`([^`]+)`/g
            : ($default =~ /^`($name .+)`$/)[0];
        ok defined $said, "$name: the reference says a default" or next;
        my $rest = join "\n", grep { $name ne 'PrivacyEngine' || !/^PrivacyEngine/ } split /\n/, $prelude;
        my @without = ($bare // ());
        for my $conf ([ 'without it', @without ], [ "with `$said`", $said ]) {
            my ($how, @lines) = @$conf;
            start(join "\n", $rest, @lines);
            play("default of $name, $how", $exchange);
        }
        start(join "\n", $rest, $other);
        ok !same($exchange), "default of $name: `$other` does something else";
    }
    is_deeply [ sort keys %SHOW ], [ sort keys %DEFAULT_SHOWN ], 'every default is shown';
}

# Whether an exchange goes as it is written, without saying so.
sub same {
    my ($exchange) = @_;
    my $events = Test2::API::intercept(sub { play('another value', $exchange) });
    return !grep { $_->isa('Test2::Event::Ok') && !$_->pass } @$events;
}

require Test2::API;
my $table    = command_table();
my $sections = sections();
compare_table_and_reference($table, $sections);
compare_table_and_conf($table);
compare_internals_and_source();
my $prelude = run_examples('docs/directives.md', 15, 20);
run_examples('docs/cookbook.md', 20, 20);
run_examples('docs/consent-sources.md', 4, 4);
try_contexts($table, $prelude);
show_defaults($prelude, $sections);
try_readme();
done();
