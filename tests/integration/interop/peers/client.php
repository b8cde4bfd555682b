<?php
// A client in PHP: client.php HOST PORT FUNCTION FILE [unique=KEY] [priority=high|low] [background] [status].
[, $host, $port, $function, $file] = $argv;
$options = [];
foreach (array_slice($argv, 5) as $word) {
    [$name, $value] = explode('=', $word, 2) + [1 => '1'];
    $options[$name] = $value;
}
$payload = file_get_contents($file);
$unique = $options['unique'] ?? '';
$priority = ucfirst($options['priority'] ?? '');

function tell(string ...$words): void {
    fwrite(STDOUT, implode(' ', $words) . "\n");
}

$client = new GearmanClient();
$client->addServer($host, (int)$port);

if (isset($options['background'])) {
    $handle = $client->{"do{$priority}Background"}($function, $payload, $unique);
    tell('created', $handle);
    if (isset($options['status'])) {
        fgets(STDIN);
        [$known, $running, $numerator, $denominator] = $client->jobStatus($handle);
        tell('known', (string)(int)$known, (string)(int)$running, (string)$numerator, (string)$denominator);
    }
    exit(0);
}

$client->enableExceptionHandler();
$client->setDataCallback(fn ($task) => tell('data', bin2hex($task->data())));
$client->setWarningCallback(fn ($task) => tell('warning', bin2hex($task->data())));
$client->setStatusCallback(
    fn ($task) => tell('status', (string)$task->taskNumerator(), (string)$task->taskDenominator()));
$client->setCompleteCallback(fn ($task) => tell('complete', bin2hex($task->data())));
$client->setExceptionCallback(fn ($task) => tell('exception', bin2hex($task->data())));
$client->setFailCallback(fn ($task) => tell('fail'));
$client->{"addTask$priority"}($function, $payload, null, $unique);
$client->runTasks();
