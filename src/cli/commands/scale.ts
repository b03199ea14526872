import { scale } from '../../project/up.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { whileInterruptible } from '../interrupt.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { showWork } from '../work.ts'
import { readPlanOptions, readScales } from './up/options.ts'

const NO_PLAN_FLAGS = {
  build: false,
  pull: undefined,
  forceRecreate: false,
  noRecreate: false,
  removeOrphans: false,
  scale: [],
} as const

/** `tscompose scale`. */
export const command: Command = defineCommand({
  description:
    'Starts or removes containers until each of the services has so many; the highest numbers go first. What they depend on is\n' +
    'brought up as `up` does. The next `up` goes back to what the file says.',
  options: {
    noDeps: flag('--no-deps', 'Leave the services they depend on alone'),
  },
  examples: [['tscompose scale worker=3 mailer=0', 'three workers, no mailer']],
  run: (context, words, { noDeps }) =>
    whileInterruptible(context.signals, async signal => {
      const numbers = readScales('scale', words)
      const {
        services: _,
        scale: __,
        ...options
      } = readPlanOptions([], { ...NO_PLAN_FLAGS, noDeps }, context.env)
      await showWork(context, {}, work => scale(targetOf(context), numbers, { ...options, ...work, signal }))
      return EXIT.ok
    }),
})
