import { create } from '../../project/up.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { whileInterruptible } from '../interrupt.ts'
import { choice, flag, list } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'
import { askForVolumes } from './up/ask-volumes.ts'
import { readPlanOptions } from './up/options.ts'

/** `tscompose create`. */
export const command: Command = defineCommand({
  description:
    'Makes networks, volumes, images and containers as `up` does, and starts none. What differs from the file is replaced.',
  options: {
    build: flag('--build', 'Build images before'),
    noBuild: flag('--no-build', 'Never build; fail where an image is missing'),
    pull: choice('--pull <policy>', 'Before, pull images', ['always', 'missing', 'never', 'build']),
    quietPull: flag('--quiet-pull', 'No progress of pulls'),
    forceRecreate: flag('--force-recreate', 'Recreate containers even if nothing differs'),
    noRecreate: flag('--no-recreate', 'Leave existing containers as they are'),
    removeOrphans: flag('--remove-orphans', 'Remove containers of services that the file no longer has'),
    scale: list('--scale <service=number>', 'Make this many containers of a service'),
    yes: flag('-y, --yes', 'Answer yes to every question'),
  },
  conflicts: [
    ['build', 'noBuild'],
    ['forceRecreate', 'noRecreate'],
  ],
  examples: [['tscompose create --build', 'have all ready; `start` begins']],
  run: (context, services, { noBuild, quietPull, yes, ...flags }) =>
    whileInterruptible(context.signals, async signal => {
      const options = readPlanOptions(services, { ...flags, noDeps: false }, context.env)
      await showWork(context, { quietBuild: quietPull }, work =>
        create(targetOf(context), {
          ...options,
          ...work,
          signal,
          ...(noBuild ? { build: 'never' as const } : {}),
          ...(yes ? { recreateVolumes: 'all' as const } : {}),
          approveVolumes: volumes => askForVolumes(context, volumes, signal),
        }),
      )
      return EXIT.ok
    }),
})
