import type { CommandDefinition } from '../../command.ts'

/** `tscompose exec`. */
export const exec: CommandDefinition = {
  name: 'exec',
  arguments: '<SERVICE> <COMMAND> [ARGS...]',
  summary: 'Run a command in a running container',
  description:
    "Runs a command in the service's first container and returns its exit status. With a terminal it gets one.",
  options: [
    { flags: '-d, --detach', help: 'Run it in the background' },
    {
      flags: '-e, --env <key=value>',
      help: 'Set a variable; KEY alone takes it from here; may be repeated',
      value: 'list',
    },
    { flags: '-u, --user <user>', help: 'Run as this user' },
    { flags: '-w, --workdir <folder>', help: 'Run in this folder of the container' },
    { flags: '-T, --no-tty', help: 'No terminal (default where the output is none)' },
    { flags: '--no-TTY', help: '', hidden: true },
    { flags: '--index <number>', help: 'This container of a service that has several', value: 'number' },
    { flags: '--privileged', help: 'With all capabilities' },
    { flags: '-i, --interactive', help: '', hidden: true },
    { flags: '-t, --tty', help: '', hidden: true },
  ],
  examples: [
    ['tscompose exec web bash', 'a shell in web'],
    ['tscompose exec -T db mariadb-dump lamp > dump.sql', 'a dump into a file'],
  ],
  passThrough: true,
  load: () => import('./run.ts'),
}
