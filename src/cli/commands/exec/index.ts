import { type Command, defineCommand } from '../../define-command.ts'
import { flag, hidden, list, number, text } from '../../option.ts'
import { runExec } from './run.ts'

/** `tscompose exec`. */
export const command: Command = defineCommand({
  description:
    "Runs a command in the service's first container and returns its exit status. With a terminal it gets one.",
  options: {
    detach: flag('-d, --detach', 'Run it in the background'),
    env: list('-e, --env <key=value>', 'Set a variable; KEY alone takes it from here; may be repeated'),
    user: text('-u, --user <user>', 'Run as this user'),
    workdir: text('-w, --workdir <folder>', 'Run in this folder of the container'),
    noTty: flag('-T, --no-tty', 'No terminal (default where the output is none)'),
    noTTY: hidden(flag('--no-TTY', '')),
    index: number('--index <number>', 'This container of a service that has several'),
    privileged: flag('--privileged', 'With all capabilities'),
    interactive: hidden(flag('-i, --interactive', '')),
    tty: hidden(flag('-t, --tty', '')),
  },
  examples: [
    ['tscompose exec web bash', 'a shell in web'],
    ['tscompose exec -T db mariadb-dump lamp > dump.sql', 'a dump into a file'],
  ],
  passThrough: true,
  run: (context, [service = '', ...command], { noTty, noTTY, ...options }) =>
    runExec(context, service, command, { ...options, noTty: noTty || noTTY }),
})
