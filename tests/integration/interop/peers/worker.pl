# A worker in Perl: worker.pl HOST PORT. What its functions do is said in peers.hpp.
use strict;
use warnings;

use Gearman::Worker;

my ($host, $port) = @ARGV;
$| = 1;

# Waits for a line of standard input when that is what the job is for.
sub hold {
    my ($job) = @_;
    return if $job->arg ne 'hold';
    print "holding\n";
    <STDIN>;
}

my $worker = Gearman::Worker->new(job_servers => ["$host:$port"]);
$worker->register_function(reverse => sub { return scalar reverse $_[0]->arg });
$worker->register_function(chunks  => sub {
    my ($job) = @_;
    $worker->send_work_data($job, $_) for 'one', 'two';
    return 'three';
});
$worker->register_function(warn => sub {
    my ($job) = @_;
    $worker->send_work_warning($job, 'careful');
    return 'done';
});
$worker->register_function(throw => sub {
    my ($job) = @_;
    $worker->send_work_exception($job, 'gone wrong');
    return;
});
$worker->register_function(fail     => sub { return });
$worker->register_function(progress => sub {
    my ($job) = @_;
    $job->set_status(1, 4);
    hold($job);
    $job->set_status(3, 4);
    return 'done';
});
$worker->register_function(log => sub {
    my ($job) = @_;
    hold($job);
    my $unique = $job->can('unique') ? $job->unique : '';
    print "ran $unique ", $job->arg, "\n";
    return $job->arg;
});
$worker->work while 1;
