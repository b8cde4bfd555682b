// A client in JavaScript: client.js HOST PORT FUNCTION FILE [unique=KEY] [priority=high|low] [background] [status].
'use strict';
const fs = require('fs');
const gearmanode = require('gearmanode');
const winston = require('winston');

const [host, port, name, file, ...words] = process.argv.slice(2);
const options = Object.fromEntries(words.map(word => [...word.split('='), true].slice(0, 2)));

const tell = (...parts) => process.stdout.write(parts.join(' ') + '\n');

winston.loggers.loggers.forEach(log => log.silent = true); // else they ask on standard error where to go
const client = gearmanode.client({host, port: Number(port)});
client.on('error', error => tell('error', error.message));
client.jobServers[0].setOption('exceptions');

const submission = {background: 'background' in options};
if (options.unique) submission.unique = options.unique;
if (options.priority) submission.priority = options.priority.toUpperCase();
const job = client.submitJob(name, fs.readFileSync(file), submission);

const end = (...parts) => {
    tell(...parts);
    client.close();
};
if (submission.background) {
    job.on('created', () => {
        tell('created', job.handle);
        if (!options.status) return client.close();
        process.stdin.once('data', () => job.getStatus());
    });
    job.on('status', told => {
        const {known, running, percent_done_num: numerator, percent_done_den: denominator} = told;
        end('known', Number(known), Number(running), numerator, denominator);
        process.stdin.destroy();
    });
} else {
    job.on('workData', data => tell('data', data.toString('hex')));
    job.on('warning', data => tell('warning', data.toString('hex')));
    job.on('status', told => tell('status', told.percent_done_num, told.percent_done_den));
    job.on('complete', () => end('complete', job.response.toString('hex')));
    job.on('exception', data => end('exception', data.toString('hex')));
    job.on('failed', () => end('fail'));
}
