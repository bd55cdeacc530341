# Licensed under the Apache License, Version 2.0; see LICENSE.

# `make run` and `make stop`: the demonstration starts, shows what it says it
# shows, starts again, names who has its port, and ends.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Temp qw(tempdir);
use IO::Socket::INET;

chdir Privacy::Httpd::top() or die $!;
my $scratch = tempdir(CLEANUP => 1);
$ENV{DEMO_STATE} = "$scratch/state";
$ENV{TMPDIR}     = $scratch;
chmod 0755, $scratch;

sub demo {
    my $said = `demo/run.sh @_ 2>&1 </dev/null`;
    return ($? >> 8, $said);
}

END { local $?; demo('stop') }

# Set-Cookie names of the answer to one of the printed commands.
sub names_set_by {
    my ($command) = @_;
    return join ' ', map { /^Set-Cookie: ([^=]+)=/i ? $1 : () } `$command`;
}

my $port = Privacy::Httpd::free_port();
my ($code, $said) = demo('start', $port);
is $code, 0, 'it starts' or diag $said;
my ($pid) = $said =~ /\(pid (\d+)/;
ok $pid && kill(0, $pid), 'and says its pid';

my @commands = map { s/\\\n\s*//r } $said =~ /^    (curl (?:.*\\\n)*.*)$/mg;
my $google = '_ga _gat __utma __utmb __utmc __utmz';
my @shown  = (
    [ "careers_session $google _fbp", 'with no policy all of them pass' ],
    [ 'careers_session',              'R1: undecided, the session passes' ],
    [ 'careers_session',              'R1: and from behind ProxyPass' ],
    [ "careers_session $google",      'R1: with consent to analytics' ],
    [ 'careers_session',              'D1: the signal outweighs the older grant' ],
    [ 'careers_session site_message_cookies _ga', 'R5: what the browser still has is expired' ],
    [ 'careers_session site_message_cookies', 'M2: the message that was shown is remembered' ],
    [ '',                             'H2: the page with every tag sets nothing' ],
    [ '',                             'R7: nothing where nothing is needed' ],
);
is scalar @commands, scalar @shown, 'it prints a command for each';
is names_set_by($commands[$_]), $shown[$_][0], $shown[$_][1] for 0 .. $#shown;
my $granted = `$commands[3]`;
like $granted, qr/^Set-Cookie: _ga=[^\r\n]*Max-Age=63072000/m, 'R4: _ga for two years';
like $granted, qr/^Set-Cookie: __utmc=\d+; Path=\/\r$/m, 'R4: __utmc until the browser closes';
my $refused = `$commands[5]`;
like $refused, qr/^Cookie: careers_session=0123456789abcdef$/m, 'Q1: the application is not shown _ga';
like $refused, qr/^Privacy-Consent: preferences=\?0, analytics=\?0, remarketing=\?0, p=/m, 'Q2: but the decision';
like $refused, qr/>2 vacancies</, 'and the search finds what was asked for';
my $held = () = `$commands[7]` =~ /data-privacy-category=(?:analytics|remarketing)/g;
cmp_ok $held, '>=', 5, "H3: $held tags of it are held back";
unlike `$commands[8]`, qr/^(?:Vary|Set-Cookie|ETag: .*;pv=)/mi, 'R7: a style sheet bears nothing of ours';
like `$commands[6]`, qr/<h2>Cookies on this site</, 'M2: which the application has shown';

# The session keeps an application together, for a visitor who has refused everything.
{
    my $say = "curl -q -s --noproxy '*' -c $scratch/jar -b $scratch/jar";
    my $site = "http://127.0.0.1:$port";
    `$say '$site/vacancies.cgi?q=dog'`;
    like `$say '$site/apply.cgi?vacancy=dog'`, qr/For: Kennel assistant/, 'a post is chosen';
    like `$say --data-urlencode 'name=<Bess> & Co' -d 'why=Dogs&step=check' '$site/apply.cgi'`,
        qr{<dd>&lt;Bess> &amp; Co</dd>}, 'the form is filled in';
    like `$say '$site/apply.cgi'`, qr/value="&lt;Bess> &amp; Co"/, 'and remembered';
    open my $jar, '<', "$scratch/jar" or die $!;
    is_deeply [ sort map { /^(?:#HttpOnly_)?127\S*\t.*\t(\S+)\t\S*$/ ? $1 : () } <$jar> ], ['careers_session'],
        'by the session cookie alone';
    close $jar;
    unlink "$scratch/jar";
}

# Every tag that the notice names is on the page.
{
    my $page = `curl -q -s --noproxy '*' http://127.0.0.1:$port/tags.html`;
    my @tags = (
        [ 'Universal Analytics', 'www.google-analytics.com/analytics.js' ],
        [ 'Google Analytics',    '.google-analytics.com/ga.js' ],
        [ 'Google Analytics 4',  'www.googletagmanager.com/gtag/js' ],
        [ 'Google DoubleClick',  '.fls.doubleclick.net/activityi' ],
        [ 'Google DoubleClick',  'googleads.g.doubleclick.net/pagead/' ],
        [ 'Facebook Pixel',      'connect.facebook.net/en_US/fbevents.js' ],
        [ 'Facebook Pixel',      'www.facebook.com/tr?' ],
    );
    like $page, qr/\Q$_->[1]\E/, "a tag of $_->[0]: $_->[1]" for @tags;
}

($code, $said) = demo('start', $port);
is $code, 0, 'it starts again' or diag $said;
like $said, qr/runs again at/, 'and says so';
ok !kill(0, $pid), 'the first has ended';
($pid) = $said =~ /\(pid (\d+)/;

($code, $said) = demo('stop');
is $code, 0, 'it stops';
ok !kill(0, $pid), 'by its pid';
is_deeply [ glob "$scratch/*" ], [], 'and leaves nothing';
is((demo('stop'))[1], "mod_privacy: no demonstration is running\n", 'it cannot stop twice');

my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1) or die $!;
($code, $said) = demo('start', $port);
is $code, 1, 'a port in use is a failure';
like $said, qr/port $port of 127\.0\.0\.1 is not free: .*\(.*pid $$\)/, 'that names who has it';
is((demo('start', 'x'))[0], 1, 'and so is what is no port');

done();
