/**
 * The commands of Docker Compose with their flags, as its own `--help` shows them (2.40; what is newer, up to 5.5, is from its
 * reference), and those that it takes without showing them. `<number>`, `<text>` and `<list>` (may be repeated) are what a
 * flag takes; without one it is a switch. `--dry-run`, which all of them have, is left out.
 */
export const COMPOSE_COMMANDS: Readonly<Record<string, ComposeCommand>> = {
  '': {
    flags: [
      '--all-resources',
      '--ansi <text>',
      '--compatibility',
      '--dry-run',
      '--env-file <list>',
      '-f, --file <list>',
      '--parallel <number>',
      '--profile <list>',
      '--progress <text>',
      '--project-directory <text>',
      '-p, --project-name <text>',
    ],
    hidden: ['--verbose', '-D', '--no-ansi', '--workdir <text>', '-v, --version'],
  },
  'bridge transformations create': {
    flags: ['-f, --from <text>'],
    hidden: [],
  },
  'bridge transformations list': {
    flags: ['--format <text>', '-q, --quiet'],
    hidden: [],
  },
  'bridge convert': {
    flags: ['-o, --output <text>', '--templates <text>', '-t, --transformation <list>'],
    hidden: [],
  },
  attach: {
    flags: ['--detach-keys <text>', '--index <number>', '--no-stdin', '--sig-proxy'],
    hidden: [],
  },
  build: {
    flags: [
      '--build-arg <list>',
      '--builder <text>',
      '--check',
      '-m, --memory <text>',
      '--no-cache',
      '--print',
      '--provenance <text>',
      '--pull',
      '--push',
      '-q, --quiet',
      '--sbom <text>',
      '--ssh <text>',
      '--with-dependencies',
    ],
    hidden: ['--parallel', '--compress', '--force-rm', '--no-rm', '--progress <text>'],
  },
  commit: {
    flags: [
      '-a, --author <text>',
      '-c, --change <list>',
      '--index <number>',
      '-m, --message <text>',
      '-p, --pause',
    ],
    hidden: [],
  },
  config: {
    flags: [
      '--environment',
      '--format <text>',
      '--hash <text>',
      '--images',
      '--lock-image-digests',
      '--models',
      '--networks',
      '--no-consistency',
      '--no-env-resolution',
      '--no-interpolate',
      '--no-normalize',
      '--no-path-resolution',
      '-o, --output <text>',
      '--profiles',
      '-q, --quiet',
      '--resolve-image-digests',
      '--services',
      '--variables',
      '--volumes',
    ],
    hidden: [],
  },
  cp: {
    flags: ['--all', '-a, --archive', '-L, --follow-link', '--index <number>'],
    hidden: [],
  },
  create: {
    flags: [
      '--build',
      '--force-recreate',
      '--no-build',
      '--no-recreate',
      '--pull <text>',
      '--quiet-pull',
      '--remove-orphans',
      '--scale <list>',
      '-y, --yes',
    ],
    hidden: [],
  },
  down: {
    flags: ['--remove-orphans', '--rmi <text>', '-t, --timeout <number>', '-v, --volumes'],
    hidden: ['--volume'],
  },
  events: {
    flags: ['--json', '--since <text>', '--until <text>'],
    hidden: [],
  },
  exec: {
    flags: [
      '-d, --detach',
      '-e, --env <list>',
      '--index <number>',
      '-T, --no-tty',
      '--privileged',
      '-u, --user <text>',
      '-w, --workdir <text>',
    ],
    hidden: ['-i, --interactive', '-t, --tty', '--no-TTY'],
  },
  export: {
    flags: ['--index <number>', '-o, --output <text>'],
    hidden: [],
  },
  images: {
    flags: ['--format <text>', '-q, --quiet'],
    hidden: [],
  },
  kill: {
    flags: ['--remove-orphans', '-s, --signal <text>'],
    hidden: [],
  },
  logs: {
    flags: [
      '-f, --follow',
      '--index <number>',
      '--no-color',
      '--no-log-prefix',
      '--since <text>',
      '-n, --tail <text>',
      '-t, --timestamps',
      '--until <text>',
    ],
    hidden: [],
  },
  ls: {
    flags: ['-a, --all', '--filter <list>', '--format <text>', '-q, --quiet'],
    hidden: [],
  },
  pause: {
    flags: [],
    hidden: [],
  },
  port: {
    flags: ['--index <number>', '--protocol <text>'],
    hidden: [],
  },
  ps: {
    flags: [
      '-a, --all',
      '--filter <text>',
      '--format <text>',
      '--no-trunc',
      '--orphans',
      '-q, --quiet',
      '--services',
      '--status <list>',
    ],
    hidden: [],
  },
  publish: {
    flags: ['--app', '--oci-version <text>', '--resolve-image-digests', '--with-env', '-y, --yes'],
    hidden: ['--insecure-registry'],
  },
  pull: {
    flags: [
      '--ignore-buildable',
      '--ignore-pull-failures',
      '--include-deps',
      '--policy <text>',
      '-q, --quiet',
    ],
    hidden: ['--parallel', '--no-parallel'],
  },
  push: {
    flags: ['--ignore-push-failures', '--include-deps', '-q, --quiet'],
    hidden: [],
  },
  restart: {
    flags: ['--no-deps', '-t, --timeout <number>'],
    hidden: [],
  },
  rm: {
    flags: ['-f, --force', '-s, --stop', '-v, --volumes'],
    hidden: ['-a, --all'],
  },
  run: {
    flags: [
      '--build',
      '--cap-add <list>',
      '--cap-drop <list>',
      '-d, --detach',
      '--entrypoint <text>',
      '-e, --env <list>',
      '--env-from-file <list>',
      '-i, --interactive',
      '-l, --label <list>',
      '--name <text>',
      '-T, --no-tty',
      '--no-deps',
      '-p, --publish <list>',
      '--pull <text>',
      '-q, --quiet',
      '--quiet-build',
      '--quiet-pull',
      '--remove-orphans',
      '--rm',
      '-P, --service-ports',
      '--use-aliases',
      '-u, --user <text>',
      '-v, --volume <list>',
      '-w, --workdir <text>',
    ],
    hidden: ['--no-TTY', '-t, --tty', '--no-tty'],
  },
  scale: {
    flags: ['--no-deps'],
    hidden: [],
  },
  start: {
    flags: ['--wait', '--wait-timeout <number>'],
    hidden: [],
  },
  stats: {
    flags: ['-a, --all', '--format <text>', '--no-stream', '--no-trunc'],
    hidden: [],
  },
  stop: {
    flags: ['-t, --timeout <number>'],
    hidden: [],
  },
  top: {
    flags: [],
    hidden: [],
  },
  unpause: {
    flags: [],
    hidden: [],
  },
  up: {
    flags: [
      '--abort-on-container-exit',
      '--abort-on-container-failure',
      '--always-recreate-deps',
      '--attach <list>',
      '--attach-dependencies',
      '--build',
      '-d, --detach',
      '--exit-code-from <text>',
      '--force-recreate',
      '--menu',
      '--no-attach <list>',
      '--no-build',
      '--no-color',
      '--no-deps',
      '--no-log-prefix',
      '--no-recreate',
      '--no-start',
      '--pull <text>',
      '--quiet-build',
      '--quiet-pull',
      '--remove-orphans',
      '-V, --renew-anon-volumes',
      '--scale <list>',
      '-t, --timeout <number>',
      '--timestamps',
      '--wait',
      '--wait-timeout <number>',
      '-w, --watch',
      '-y, --yes',
    ],
    hidden: ['--y'],
  },
  version: {
    flags: ['-f, --format <text>', '--short'],
    hidden: [],
  },
  volumes: {
    flags: ['--format <text>', '-q, --quiet'],
    hidden: [],
  },
  wait: {
    flags: ['--down-project'],
    hidden: [],
  },
  watch: {
    flags: ['--no-up', '--prune', '--quiet'],
    hidden: [],
  },
  'alpha generate': {
    flags: ['--format <text>', '--name <text>', '--project-dir <text>'],
    hidden: [],
  },
  'alpha publish': {
    flags: ['--app', '--oci-version <text>', '--resolve-image-digests', '--with-env', '-y, --yes'],
    hidden: [],
  },
  'alpha viz': {
    flags: ['--image', '--indentation-size <number>', '--networks', '--ports', '--spaces'],
    hidden: [],
  },
}

/** Its global options stand under the empty name. */
interface ComposeCommand {
  readonly flags: readonly string[]
  readonly hidden: readonly string[]
}
