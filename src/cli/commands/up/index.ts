import { resolve } from 'node:path'
import { failure } from '../../../diagnostics/index.ts'
import { readSavedPlan } from '../../../project/saved-plan.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { choice, flag, hidden, list, number, openFlag, text } from '../../option.ts'
import { readUpOptions } from './options.ts'
import { runUp } from './run.ts'

/** What a saved plan was made by: it cannot be said anew. */
const BY_PLAN = [
  ...(['build', 'noBuild', 'pull', 'forceRecreate', 'noRecreate', 'alwaysRecreateDeps', 'noDeps'] as const),
  ...(['noStart', 'removeOrphans', 'scale', 'renewAnonVolumes', 'timeout', 'watch'] as const),
] as const

/** `tscompose up`. */
export const command: Command = defineCommand({
  description:
    'Compares the file with what runs and changes only what differs: networks, volumes, images and containers.\n' +
    'Without -d it stays and shows the logs; the first Ctrl-C stops the containers, the second kills them.',
  options: {
    detach: flag('-d, --detach', 'Return when the containers are started'),
    wait: flag('--wait', 'Return when they run and are healthy (implies -d)'),
    repair: flag(
      '--repair',
      'From then on put right by itself what others change in the kernel; without it that ends',
    ),
    waitTimeout: number('--wait-timeout <seconds>', 'Give up waiting after this time'),
    plan: text(
      '--plan <file>',
      'Execute this plan (plan -o) and nothing else; refused where anything is otherwise since',
    ),
    from: text('--from <snapshot>', 'With the data of this snapshot, NAME or PROJECT/NAME'),
    build: flag('--build', 'Build images before starting'),
    noBuild: flag('--no-build', 'Never build; fail where an image is missing'),
    pull: choice('--pull <policy>', 'Before starting, pull images', ['always', 'missing', 'never', 'build']),
    forceRecreate: flag('--force-recreate', 'Recreate containers even if nothing differs'),
    noRecreate: flag('--no-recreate', 'Leave existing containers as they are'),
    alwaysRecreateDeps: flag('--always-recreate-deps', 'Recreate dependencies, too'),
    noDeps: flag('--no-deps', 'Leave the services they depend on alone'),
    noStart: flag('--no-start', 'Create and do not start'),
    removeOrphans: flag('--remove-orphans', 'Remove containers of services that the file no longer has'),
    scale: list('--scale <service=number>', 'Run this many containers of a service'),
    renewAnonVolumes: flag(
      '-V, --renew-anon-volumes',
      'Fresh anonymous volumes instead of those of the old container',
    ),
    abortOnExit: flag('--abort-on-container-exit', 'Stop all when one container stops'),
    abortOnFailure: flag('--abort-on-container-failure', 'Stop all when one container fails'),
    exitCodeFrom: text(
      '--exit-code-from <service>',
      "Return this service's exit status (implies --abort-on-container-exit)",
    ),
    attach: list('--attach <service>', 'Show the logs of this service alone; may be repeated'),
    noAttach: list('--no-attach <service>', 'Hide the logs of this service; may be repeated'),
    attachDependencies: flag('--attach-dependencies', 'Show the logs of dependencies, too'),
    timeout: number('-t, --timeout <seconds>', 'Grace period of a stop, instead of stop_grace_period'),
    timestamps: flag('--timestamps', 'Show when each line was written'),
    noColor: flag('--no-color', 'Log prefixes without colour'),
    noLogPrefix: flag('--no-log-prefix', 'Log lines without the name in front'),
    quietPull: flag('--quiet-pull', 'No progress of pulls'),
    quietBuild: flag('--quiet-build', 'No output of builds'),
    yes: flag('-y, --yes', 'Answer yes to every question'),
    y: hidden(flag('--y', '')),
    watch: flag('-w, --watch', 'Copy, rebuild or restart as files change (develop.watch)'),
    menu: openFlag('--menu', 'Keys below the logs, on a terminal (default: COMPOSE_MENU)'),
  },
  conflicts: [
    ...BY_PLAN.map(name => ['plan', name] as const),
    ['from', 'plan'],
    ['from', 'noStart'],
    ['from', 'renewAnonVolumes'],
    ['build', 'noBuild'],
    ['forceRecreate', 'noRecreate'],
    ['alwaysRecreateDeps', 'noRecreate'],
    ['renewAnonVolumes', 'noRecreate'],
    ['abortOnExit', 'abortOnFailure'],
    ['attach', 'attachDependencies'],
    ['detach', 'abortOnExit'],
    ['detach', 'abortOnFailure'],
    ['detach', 'attach'],
    ['detach', 'attachDependencies'],
    ['detach', 'exitCodeFrom'],
    ['wait', 'exitCodeFrom'],
    ['detach', 'watch'],
    ['wait', 'watch'],
    ['noBuild', 'watch'],
    ['noStart', 'watch'],
    ['wait', 'abortOnExit'],
    ['wait', 'abortOnFailure'],
    ['wait', 'attach'],
    ['wait', 'attachDependencies'],
  ],
  examples: [
    ['tscompose up -d --wait', 'everything up and healthy, then return'],
    ['tscompose up --build web', 'rebuild web, start it and what it depends on'],
    ['tscompose up -d --plan plan.json', 'exactly what tscompose plan -o plan.json has shown'],
    ['tscompose up --watch', 'with the logs, and kept as the files are'],
    ['tscompose up --scale worker=3', 'three containers of worker'],
  ],
  run: (context, services, flags) => {
    const options = readUpOptions(services, flags, context.env)
    const { plan: file } = flags
    if (file === undefined) return runUp(context, services, options)
    if (services.length > 0) throw servicesOfPlan()
    const saved = readSavedPlan(resolve(context.cwd, file))
    return runUp(context, saved.options.services ?? [], { ...options, plan: { ...saved.options, saved } })
  },
})

function servicesOfPlan(): Error {
  return failure({
    code: 'FLAG_CONFLICT',
    kind: 'invalidArgument',
    summary: '--plan names its services itself: give none',
  })
}
