import { type Command, defineCommand } from '../../define-command.ts'
import { choice, flag, flagOn, hidden, list, text } from '../../option.ts'
import { runRun } from './run.ts'

/** `tscompose run`. */
export const command: Command = defineCommand({
  description:
    "Runs a container of its own for a service, with another command if one is given, and returns the command's exit status. What the\n" +
    'service depends on is brought up before. Ports are published only with -P or -p.',
  options: {
    rm: flag('--rm', 'Remove the container when it has ended, with its anonymous volumes'),
    detach: flag('-d, --detach', 'Leave it running and print its id'),
    env: list('-e, --env <key=value>', 'Set a variable; KEY alone takes it from here; may be repeated'),
    envFromFile: list('--env-from-file <file>', 'Set the variables of a file; may be repeated'),
    noTty: flag('-T, --no-tty', 'No terminal (default where the input or output is none)'),
    noTTY: hidden(flag('--no-TTY', '')),
    tty: hidden(flag('-t, --tty', '')),
    interactive: flagOn('-i, --interactive', 'Give it our standard input; --interactive=false: none'),
    noDeps: flag('--no-deps', 'Leave the services it depends on alone'),
    entrypoint: text(
      '--entrypoint <command>',
      "Instead of the image's and the service's; drops their command",
    ),
    user: text('-u, --user <user>', 'Run as this user'),
    workdir: text('-w, --workdir <folder>', 'Run in this folder of the container'),
    volume: list('-v, --volume <source:target>', 'Mount a folder or volume, too; may be repeated'),
    volumes: hidden(list('--volumes <source:target>', '')),
    label: list('-l, --label <key=value>', 'Add a label; may be repeated'),
    labels: hidden(list('--labels <key=value>', '')),
    publish: list('-p, --publish <port>', 'Publish a port; may be repeated'),
    servicePorts: flag('-P, --service-ports', "Publish the service's ports"),
    useAliases: flag('--use-aliases', "Answer to the service's names in its networks, too"),
    name: text('--name <name>', 'Name of the container'),
    capAdd: list('--cap-add <capability>', 'Add a capability; may be repeated'),
    capDrop: list('--cap-drop <capability>', 'Drop a capability; may be repeated'),
    build: flag('--build', 'Build images before'),
    pull: choice('--pull <policy>', 'Before, pull images', ['always', 'missing', 'never']),
    quiet: flag('-q, --quiet', 'Say nothing of what is done before'),
    quietPull: flag('--quiet-pull', 'No progress of pulls'),
    quietBuild: flag('--quiet-build', 'No output of builds'),
    removeOrphans: flag('--remove-orphans', 'Remove containers of services that the file no longer has'),
  },
  conflicts: [
    ['servicePorts', 'publish'],
    ['tty', 'noTty'],
    ['tty', 'noTTY'],
  ],
  examples: [
    ['tscompose run --rm web bash', 'a shell in a container of its own'],
    ['tscompose run --rm -T db psql -h db < dump.sql', 'a client that reads a file'],
  ],
  passThrough: true,
  run: (context, [service = '', ...words], { noTty, noTTY, volumes, labels, ...flags }) =>
    runRun(context, service, words, {
      ...flags,
      noTty: noTty || noTTY,
      volume: [...flags.volume, ...volumes],
      label: [...flags.label, ...labels],
    }),
})
