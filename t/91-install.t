# Licensed under the Apache License, Version 2.0; see LICENSE.

# `make install`: everything arrives, what it installs passes configtest, and a
# configuration that is already there stays.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;
use File::Find;
use File::Temp qw(tempdir);

chdir Privacy::Httpd::top() or die $!;
my $dest = tempdir(CLEANUP => 1);

sub install {
    local $ENV{DESTDIR} = $dest;
    my $said = `build-aux/install.sh build/mod_privacy.so 2>&1`;
    is $?, 0, 'installs' or diag $said;
    return $said;
}

sub installed {
    my ($name) = @_;
    my @found;
    find(sub { push @found, $File::Find::name if -f && $_ eq $name }, $dest);
    return @found;
}

sub content {
    open my $fh, '<', $_[0] or die "$_[0]: $!\n";
    local $/;
    return scalar <$fh>;
}

my $said = install();
is scalar installed('mod_privacy.so'), 1, 'the module';
my ($policy) = installed('privacy.conf');
ok $policy, 'the policy';
my ($all) = installed('all.conf');
like $all, qr{/privacy/catalogue/all\.conf$}, 'the catalogue';
like $said, qr{^mod_privacy is installed\. Change (\S+/privacy\.conf) into your policy}m, 'and what to do next';

my $line = "# the site's own\n";
open my $fh, '>>', $policy or die $!;
print $fh $line;
close $fh;
my $mine = content($policy);

$said = install();
is content($policy), $mine, 'a changed policy is kept';
is content("$policy.dist"), content('conf/privacy.conf'), 'and the new one is beside it';
like $said, qr/^kept \S+privacy\.conf; the new one is \S+privacy\.conf\.dist$/m, 'which is said';
is scalar(() = $said =~ /^kept/mg), 1, 'what was not changed is replaced without a word';

done();
