import type { CommandLine, DescribedCommand, DescribedOption } from './command-line.ts'

/** The manual page tscompose(1), in man(7) macros. */
export function renderManual({ options, commands }: CommandLine, version: string): string {
  return [
    `.TH TSCOMPOSE 1 "" ${argument(`tscompose ${version}`)}`,
    '.SH NAME',
    'tscompose \\- run Compose files on an engine of its own',
    '.SH SYNOPSIS',
    '.B tscompose',
    '[OPTIONS] COMMAND',
    '.SH DESCRIPTION',
    'Reads a Compose file, compares it with what runs and changes only what differs. No Docker is needed.',
    '.SH OPTIONS',
    ...options.flatMap(renderOption),
    '.SH COMMANDS',
    ...commands.flatMap(renderCommand),
    '.SH FILES',
    '.TP',
    '.I /var/lib/tscompose, /run/tscompose',
    'State; moved by TSCOMPOSE_ROOT and TSCOMPOSE_RUN.',
    '.TP',
    '.I /etc/tscompose.env, ~/.config/tscompose/env',
    'Settings: lines of these variables.',
    '',
  ].join('\n')
}

function renderCommand(command: DescribedCommand): string[] {
  const { name, summary, description, options, examples } = command
  return [
    `.SS ${argument(`${name} ${command.arguments}`.trim())}`,
    roff(`${summary}.`),
    '.PP',
    ...description.split('\n').map(line => (line === '' ? '.PP' : roff(line))),
    ...options.flatMap(renderOption),
    ...examples.flatMap(([line, meaning]) => [
      '.TP',
      roff(line === '' ? meaning : line),
      roff(line === '' ? '' : meaning),
    ]),
  ]
}

function renderOption({ names, value, choices, help }: DescribedOption): string[] {
  const shown = [...names].reverse().join(', ')
  const words = choices.length === 0 ? '' : ` (${choices.join(', ')})`
  return ['.TP', `.B ${roff(value === undefined ? shown : `${shown} <${value}>`)}`, roff(`${help}${words}`)]
}

function argument(text: string): string {
  return `"${roff(text).replaceAll('"', '""')}"`
}

/** A dash is a minus, and no line may begin as a macro does. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
}
