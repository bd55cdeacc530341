#!/usr/bin/perl
# Licensed under the Apache License, Version 2.0; see LICENSE.

# `make install` and `make uninstall` in a scratch root; on Debian and its kin a copy of the machine's own
# /etc/apache2 takes the module with a2enmod, is started with apache2ctl, and enforces the policy.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Privacy::Test;

my $TOP = abs_path("$FindBin::Bin/..");
chdir $TOP or die $!;

my $scratch = tempdir(CLEANUP => 1);
chmod 0755, $scratch;
my $libexecdir = Privacy::Httpd::apxs('LIBEXECDIR');
my $pid_file;

END {
    local $?;
    if ($pid_file && -s $pid_file && slurp($pid_file) =~ /^(\d+)/) {
        kill TERM => $1;
    }
}

sub slurp {
    my ($file) = @_;
    open my $fh, '<:raw', $file or return;
    local $/;
    return scalar <$fh>;
}

sub edit {
    my ($file, $change) = @_;
    local $_ = slurp($file) // die "$file: $!\n";
    $change->();
    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $_;
    close $fh or die $!;
}

# A command of the shell's: how it ended, and what it said.
sub run {
    my ($command, %env) = @_;
    local @ENV{ keys %env } = values %env;
    # What the make around this test passes on is not for the one inside.
    local @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
    delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
    my $said = `($command) 2>&1 </dev/null`;
    return ($? >> 8, $said);
}

sub succeeds {
    my ($command, %env) = @_;
    my ($exit, $said) = run($command, %env);
    is $exit, 0, $command =~ s/\Q$scratch\E/ROOT/gr or diag $said;
    return $said;
}

# Files below a directory, by their paths in it.
sub files_in {
    my ($dir) = @_;
    return if !-d $dir;
    return sort map { s{^\Q$dir\E}{}r } split /\n/, `find '$dir' -type f`;
}

# ---- any layout ----

{
    my $root = "$scratch/any root";
    my %where = (LIBEXECDIR => '/opt/my httpd/modules', SYSCONFDIR => '/opt/my httpd/conf', DESTDIR => $root,
        MODULE => $ENV{PRIVACY_MODULE} || "$TOP/build/mod_privacy.so");
    my $privacy = "$root/opt/my httpd/conf/privacy";
    my $said = succeeds('build-aux/install.sh install', %where);
    like $said, qr{^    Include "/opt/my httpd/conf/privacy/privacy\.load"$}m, 'it says what to add to httpd.conf';
    ok -s "$root/opt/my httpd/modules/mod_privacy.so", 'the module is where modules are';
    is slurp("$privacy/privacy.load"), qq{LoadModule privacy_module "/opt/my httpd/modules/mod_privacy.so"\n},
        'privacy.load names it';
    my @shipped = grep { !m{/\.} } files_in("$TOP/conf/catalogue"), files_in("$TOP/conf/templates");
    my @there = (files_in("$privacy/catalogue"), files_in("$privacy/templates"));
    is_deeply \@there, \@shipped, 'catalogue and templates are installed whole';
    cmp_ok scalar @there, '>=', 70, scalar(@there) . ' files of them';

    # As httpd would find it, were the root the machine's.
    edit("$privacy/$_", sub { s{"/opt}{"$root/opt}g }) for qw(privacy.load privacy.conf);
    my ($exit, $output) = configtest(qq{Include "$privacy/privacy.load"\nInclude "$privacy/privacy.conf"\n},
        privacy => 0);
    is $exit, 0, 'httpd.conf can include the two' or diag $output;

    $said = succeeds('build-aux/install.sh install', %where);
    is_deeply [ sort $said =~ /^kept .*\/(\S+): the new version/mg ], [qw(privacy.conf privacy.load)],
        'changed files are not overwritten, and named';
    is slurp("$privacy/privacy.load.dist"), qq{LoadModule privacy_module "/opt/my httpd/modules/mod_privacy.so"\n},
        'the new version is beside';
    ok !-e "$privacy/catalogue/all.conf.dist", 'but not of a file that is the same';

    open my $fh, '>', "$privacy/catalogue/ours.conf" or die $!;
    close $fh;
    $said = succeeds('build-aux/install.sh uninstall', %where);
    is_deeply [ sort $said =~ /^left .*\/(\S+): it has been changed/mg ], [qw(privacy.conf privacy.load)],
        'uninstall leaves what has been changed, and says so';
    is_deeply [ files_in($root) ],
        [ map { "/opt/my httpd/conf/privacy/$_" } qw(catalogue/ours.conf privacy.conf privacy.load) ],
        'and what it has not installed, and nothing else';

    my ($code, $why) = run('build-aux/install.sh uninstall', %where);
    isnt $code, 0, 'a second uninstall fails';
    like $why, qr/nothing is known of what was installed/, 'and says why';
    ($code, $why) = run('build-aux/install.sh install', %where, MODULE => "$scratch/none.so");
    isnt $code, 0, 'there is nothing to install before the module is built';
    like $why, qr/run `make` first/, 'and it says what to do';
}

# ---- Debian's ----

sub free_copy_of_etc {
    my ($etc, $port, $www) = @_;
    # Links are relative; private keys and the like stay out.
    succeeds("mkdir -p '$etc' && cd /etc/apache2 && tar cf - --exclude='*/ssl' . 2>/dev/null | tar xf - -C '$etc'");
    my $run = "$scratch/run";
    mkdir $_ for $run, "$scratch/log", "$scratch/lock", $www;
    my ($user, $group) = $> == 0 ? qw(www-data www-data) : (scalar getpwuid($>), scalar getgrgid((split / /, $))[0]));
    $pid_file = "$run/apache2.pid";
    my %value = (RUN_USER => $user, RUN_GROUP => $group, PID_FILE => $pid_file, RUN_DIR => $run,
        LOCK_DIR => "$scratch/lock", LOG_DIR => "$scratch/log");
    edit("$etc/envvars", sub {
        for my $name (keys %value) {
            s/^export APACHE_$name=.*/export APACHE_$name=$value{$name}/m or die "no APACHE_$name in envvars\n";
        }
    });
    edit("$etc/ports.conf", sub {
        s/^Listen 80$/Listen 127.0.0.1:$port/m or die "no Listen 80\n";
        s/^\s*Listen 443$//mg;
    });
    chown +(getpwnam $user)[ 2, 3 ], "$scratch/lock" if $> == 0;
    unlink glob "$etc/sites-enabled/* $etc/mods-enabled/privacy.*";
    open my $site, '>', "$etc/sites-available/existing.conf" or die $!;
    print $site <<"SITE";
<VirtualHost *:$port>
    ServerName www.careers.example
    DocumentRoot $www
    <Directory $www>
        Require all granted
    </Directory>
    Header add Set-Cookie "careers_session=41; Path=/; HttpOnly"
    Header add Set-Cookie "_ga=GA1.2.3.4; Max-Age=94608000; Path=/"
    ErrorLog \${APACHE_LOG_DIR}/error.log
</VirtualHost>
SITE
    close $site;
    open my $page, '>', "$www/index.html" or die $!;
    print $page "<p>vacancies\n";
    close $page;
}

sub cookies_from {
    my ($port, @lines) = @_;
    my $say = join ' ', map { "-H '$_'" } @lines;
    my $curl = "curl -q -s -i --noproxy '*' --max-time 20 --retry 5 --retry-connrefused";
    my (undef, $said) = run("$curl $say http://127.0.0.1:$port/");
    like $said, qr/vacancies/, 'the site answers';
    return [ $said =~ /^Set-Cookie: ([^\r\n]*)/mgi ];
}

SKIP: {
    skip "this machine's httpd is not laid out as Debian's", 1
        if !-d '/etc/apache2/mods-available' || !-x '/usr/sbin/a2enmod' || $libexecdir ne '/usr/lib/apache2/modules';
    my $root = "$scratch/debian";
    my $etc  = "$root/etc/apache2";
    my $port = Privacy::Httpd::free_port();
    free_copy_of_etc($etc, $port, "$scratch/www");

    my $said = succeeds("make --no-print-directory install DESTDIR='$root'");
    like $said, qr/a2enmod privacy/, 'it says how to switch it on';
    my $load = slurp("$etc/mods-available/privacy.load");
    is $load, "LoadModule privacy_module /usr/lib/apache2/modules/mod_privacy.so\n",
        'privacy.load is in Debian\'s own style';
    ok -s "$root/usr/lib/apache2/modules/mod_privacy.so", 'and the module is where it says';
    is slurp("$etc/mods-available/privacy.conf"), slurp('conf/privacy.conf'),
        'privacy.conf is installed as it is shipped';

    # The root is not the machine's: the one absolute path of all that is installed.
    edit("$etc/mods-available/privacy.load", sub { s{/usr/lib}{$root/usr/lib} });
    my %env = (APACHE_CONFDIR => $etc, APACHE_STATE_DIRECTORY => "$scratch/state", APACHE_STARTED_BY_SYSTEMD => 1,
        PATH => "$ENV{PATH}:/usr/sbin:/sbin");
    succeeds('a2enmod -q headers', %env);
    succeeds('a2ensite -q existing', %env);
    succeeds('apache2ctl configtest', %env);
    succeeds('apache2ctl start', %env);
    my @both = ('careers_session=41; Path=/; HttpOnly', '_ga=GA1.2.3.4; Max-Age=94608000; Path=/');
    is_deeply cookies_from($port), \@both, 'before: the existing site sets both';

    succeeds('a2enmod privacy', %env);
    ok -l "$etc/mods-enabled/privacy.$_", "a2enmod has enabled privacy.$_" for qw(load conf);
    succeeds('apache2ctl configtest', %env);
    succeeds('apache2ctl graceful', %env);
    my $yes = 'Cookie: ' . consent('p=2020-12-08', 'analytics=1');
    my ($first, $heard);
    # Old children answer until new ones do, and now and then once more.
    wait_until(sub {
        ($first, $heard) = (cookies_from($port), cookies_from($port, $yes));
        return @$first == 1 && ($heard->[1] // '') ne $both[1];
    });
    is_deeply $first, [ $both[0] ], 'after: the policy is enforced';
    is_deeply $heard, [ $both[0], '_ga=GA1.2.3.4; Max-Age=63072000; Path=/' ], 'and consent is heard';

    my ($code, $why) = run("build-aux/install.sh uninstall", DESTDIR => $root);
    isnt $code, 0, 'what is enabled is not uninstalled';
    like $why, qr/a2dismod privacy/, 'and it says what to do';
    succeeds('a2dismod -q privacy', %env);
    succeeds('apache2ctl graceful-stop', %env);
    $said = succeeds("make --no-print-directory uninstall DESTDIR='$root'");
    like $said, qr/^left .*privacy\.load: it has been changed$/m, 'what was changed stays';
    is_deeply [ grep { /privacy/ } files_in($root) ], ['/etc/apache2/mods-available/privacy.load'], 'and nothing else';
}

done();
