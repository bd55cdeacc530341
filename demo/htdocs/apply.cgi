#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# An application in two steps. The session remembers what was chosen and filled in.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Careers;

my $session = Careers::session();
my $field   = Careers::fields();
my %given   = map { $_ => $field->{$_} } grep { defined $field->{$_} } qw(vacancy name why);
Careers::remember($session, %given) if %given;

my ($vacancy) = grep { $_->{id} eq ($session->{vacancy} // '') } @Careers::VACANCIES;
my ($name, $why) = map { Careers::text($_) } @$session{qw(name why)};

if (!$vacancy) {
    Careers::page($session, 'Your application', <<'HTML');
<p>Choose one of our <a href="vacancies.cgi">vacancies</a> first.</p>
HTML
}
elsif (($field->{step} // '') eq 'check' && length $name) {
    Careers::page($session, 'Check your application', <<"HTML");
<dl>
<dt>Post</dt><dd>$vacancy->{title}, $vacancy->{place}</dd>
<dt>Name</dt><dd>$name</dd>
<dt>Why this post</dt><dd>$why</dd>
</dl>
<p><a href="apply.cgi">Change it</a>: what you have filled in is remembered until you close the browser.</p>
HTML
}
else {
    Careers::page($session, 'Your application', <<"HTML");
<p>For: $vacancy->{title}, $vacancy->{place}</p>
<form method="post">
<p><label>Your name <input name="name" value="$name" required></label></p>
<p><label>Why this post?<br><textarea name="why" rows="4" cols="50">$why</textarea></label></p>
<button name="step" value="check">Check it</button>
</form>
HTML
}
