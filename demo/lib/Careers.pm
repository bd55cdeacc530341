# Licensed under the Apache License, Version 2.0; see LICENSE.

# What the pages of the careers site share: an application that knows nothing of cookie policies. It keeps a
# session, and writes the cookies of analytics and advertising itself, as server-side tagging does.
package Careers;

use strict;
use warnings;

use POSIX qw(strftime);

my $NOW  = time;
my $YEAR = 365 * 86_400;

our @VACANCIES = map { my %v; @v{qw(id title place closes)} = @$_; \%v } (
    [ 'pc',     'Police constable',              'Northern division', '31 January' ],
    [ 'dc',     'Detective constable',           'Headquarters',      '15 January' ],
    [ 'pcso',   'Community support officer',     'Southern division', '28 February' ],
    [ 'call',   'Emergency call handler',        'Headquarters',      '15 February' ],
    [ 'dog',    'Kennel assistant',              'Western division',  '7 January' ],
    [ 'data',   'Data analyst (apprenticeship)', 'Headquarters',      '31 March' ],
    [ 'garage', 'Vehicle technician',            'Northern division', '14 February' ],
);

# Text for HTML.
sub text {
    my ($s) = @_;
    $s = '' if !defined $s;
    $s =~ s/&/&amp;/g;
    $s =~ s/</&lt;/g;
    $s =~ s/"/&quot;/g;
    return $s;
}

# A form's fields, from the query and from the body of a POST.
sub fields {
    my $all = $ENV{QUERY_STRING} // '';
    if (($ENV{REQUEST_METHOD} // '') eq 'POST') {
        my $length = $ENV{CONTENT_LENGTH} || 0;
        read STDIN, my $body, $length < 65_536 ? $length : 65_536;
        $all .= "&$body";
    }
    my %field;
    for my $pair (grep { length } split /&/, $all) {
        my ($name, $value) = map { tr/+/ /; s/%([0-9a-fA-F]{2})/chr hex $1/ger } split /=/, $pair, 2;
        $field{$name} = $value // '';
    }
    return \%field;
}

sub cookie {
    my ($name) = @_;
    return ($ENV{HTTP_COOKIE} // '') =~ /(?:^|;\s*)\Q$name\E=([^;]*)/ ? $1 : undef;
}

# The session: an identifier in the browser, and a file here that remembers what was filled in.
sub session {
    my ($id) = (cookie('careers_session') // '') =~ /^([0-9a-f]{16})$/;
    $id //= sprintf '%08x%08x', int rand 2**32, int rand 2**32;
    my %session = (id => $id);
    if (open my $fh, '<', _session_file($id)) {
        while (<$fh>) {
            chomp;
            my ($name, $value) = split /=/, $_, 2;
            $session{$name} = $value;
        }
    }
    return \%session;
}

sub remember {
    my ($session, %value) = @_;
    @$session{ keys %value } = map { substr s/[\r\n]+/ /gr, 0, 200 } values %value;
    open my $fh, '>', _session_file($session->{id}) or return;
    print $fh map { "$_=$session->{$_}\n" } grep { $_ ne 'id' } sort keys %$session;
    close $fh;
}

sub _session_file { return "$FindBin::Bin/../sessions/$_[0]" }

# What a tag server would set, with the attributes that it uses.
sub tags {
    my $random = sub { int rand 2_000_000_000 };
    my $date = strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime $NOW + 2 * $YEAR);
    my $half = int $YEAR / 2;
    my $site = 7_493_124;
    my $first = cookie('_ga') // 'GA1.1.' . $random->() . ".$NOW";
    return (
        "_ga=$first; Path=/; Expires=$date; Max-Age=" . 2 * $YEAR . '; SameSite=Lax',
        '_gat=1; Path=/; Max-Age=600; SameSite=Lax',
        "__utma=$site." . $random->() . ".$NOW.$NOW.$NOW.1; Path=/; Max-Age=" . 2 * $YEAR,
        "__utmb=$site.1.10.$NOW; Path=/; Max-Age=1800",
        "__utmc=$site; Path=/",
        "__utmz=$site.$NOW.1.1.utmcsr=(direct)|utmccn=(direct)|utmcmd=(none); Path=/; Max-Age=$half",
        "_fbp=fb.1.${NOW}000." . $random->() . '; Path=/; Max-Age=7776000; SameSite=Lax',
    );
}

# The site explains cookies to those who have not seen it, and says so to the server.
sub explanation {
    return '' if ($ENV{HTTP_PRIVACY_MESSAGES} // '') !~ /(?:^|,\s*)cookies\b/;
    print "Privacy-Message: cookies\n";
    return <<'HTML';
<aside>
<h2>Cookies on this site</h2>
<p>This site keeps your application together with a cookie. With your consent it also counts visits, and shows
you our vacancies on other sites. You see this once.</p>
</aside>
HTML
}

# A whole answer: cookies of the page's own, then the page.
sub page {
    my ($session, $title, $body, @cookies) = @_;
    unshift @cookies, "careers_session=$session->{id}; Path=/; HttpOnly; SameSite=Lax";
    print "Set-Cookie: $_\n" for @cookies, tags();
    my $explanation = explanation();
    print "Content-Type: text/html; charset=utf-8\n\n";
    my ($sent, $consent) = map { text($_ // '(none)') } @ENV{qw(HTTP_COOKIE HTTP_PRIVACY_CONSENT)};
    print <<"HTML";
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title - Careers</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<nav>
<a href="/">Careers</a> <a href="vacancies.cgi">Vacancies</a> <a href="apply.cgi">Your application</a>
</nav>
$explanation<main>
<h1>$title</h1>
$body</main>
<footer>
<p>What this application was sent:</p>
<pre>
Cookie: $sent
Privacy-Consent: $consent
</pre>
</footer>
</body>
</html>
HTML
}

1;
