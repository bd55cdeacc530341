#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# The vacancies: all of them or those that a search finds, in the order that the visitor prefers.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Careers;

my $session = Careers::session();
my $field   = Careers::fields();
my ($order) = grep { /^(?:title|place)$/ }
    $field->{order} // '', Careers::cookie('vacancy_order') // '', 'title';
my $words   = $field->{q} // '';

my @found = sort { $a->{$order} cmp $b->{$order} || $a->{title} cmp $b->{title} }
    grep { index(lc "$_->{title} $_->{place}", lc $words) >= 0 } @Careers::VACANCIES;

my $rows = join '', map {
    qq{<tr><td><a href="apply.cgi?vacancy=$_->{id}">$_->{title}</a></td>}
        . "<td>$_->{place}</td><td>$_->{closes}</td></tr>\n"
} @found;
my $asked  = Careers::text($words);
my $count  = @found == 1 ? 'One vacancy' : @found . ' vacancies';

# What was chosen here is remembered in a cookie of the site's own.
my @cookies = ($field->{order} // '') eq $order
    ? "vacancy_order=$order; Path=/; Max-Age=31536000; SameSite=Lax" : ();

Careers::page($session, 'Vacancies', <<"HTML", @cookies);
<form>
<label>Search <input name="q" value="$asked"></label>
<label>Order by <select name="order">
<option value="title">title</option>
<option value="place"${\ ($order eq 'place' ? ' selected' : '')}>place</option>
</select></label>
<button>Show</button>
</form>
<p>$count</p>
<table>
<thead><tr><th>Post</th><th>Place</th><th>Closes</th></tr></thead>
<tbody>
$rows</tbody>
</table>
HTML
