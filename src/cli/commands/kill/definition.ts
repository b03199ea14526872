import type { CommandDefinition } from '../../command.ts'

/** `tscompose kill`. */
export const kill: CommandDefinition = {
  name: 'kill',
  arguments: '[SERVICE...]',
  summary: 'Send a signal to running containers',
  description: 'Sends SIGKILL, or another signal, to the first process of each running container.',
  options: [
    { flags: '-s, --signal <signal>', help: 'Signal to send (default SIGKILL)' },
    { flags: '--remove-orphans', help: 'Remove containers of services that the file no longer has' },
  ],
  examples: [['tscompose kill -s SIGHUP web', 'tell web to read its configuration again']],
  load: () => import('./run.ts'),
}
