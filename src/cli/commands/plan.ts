import { resolve } from 'node:path'
import { type Plan, planToJson, renderPlan } from '../../planner/index.ts'
import { planExposed } from '../../project/plan.ts'
import { writeSavedPlan } from '../../project/saved-plan.ts'
import { isForeign } from '../../project/target.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { asksForPulls, useColor } from '../global-options.ts'
import { choice, flag, list, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { EXPOSURE } from '../views/exposure.ts'
import { openFormat } from '../views/listing/open-format.ts'
import { printDiagnostics } from '../work.ts'
import { leftAsItIs } from './up/ask-volumes.ts'
import { readPlanOptions } from './up/options.ts'

/** Exit status of `--exit-code` when there is something to do. */
const SOMETHING_TO_DO = 2

/** An empty plan says what was compared, and no more: a mount that somebody took away by hand is not looked for. */
const NOTHING = {
  ours: 'Nothing to do: the records of containers, with names and limits, of networks, volumes and images are as the file describes; their processes, links, addresses and routes are there\n',
  elsewhere:
    'Nothing to do: what the engine tells of containers, networks, volumes and images is as the file describes\n',
  'not compared':
    'Nothing to do: every container is there (--no-recreate: they were not compared with the file)\n',
  'but volumes': 'Nothing to do, though volumes are not as the file describes them\n',
  'but drift':
    'Nothing to do, though the kernel has something otherwise that no up puts right, or could not be asked\n',
} as const

/** `tscompose plan`. */
export const command: Command = defineCommand({
  description:
    'Compares the file with what runs and prints every operation that up would execute, with its cause. Changes nothing.\n' +
    'What is to be pulled is asked for at its registry, for 2 seconds at most (--no-ask-registries: not at all).\n' +
    'What up would warn of is told; so is what it would fail at, as far as files and registries tell it now: then the exit status is 1.\n' +
    'Else it is 0 whether or not there is something to do; with --exit-code it is 2 where there is.',
  options: {
    json: flag('--json', 'The plan as JSON'),
    exposure: flag(
      '--exposure',
      'Then the ports of what it makes or adapts: at which address and interface, who reaches them, and where its egress leads',
    ),
    output: text('-o, --output <file>', 'Keep it in this file, for up --plan; secrets are not in it'),
    exitCode: flag('--exit-code', 'Return 2 when the plan is not empty'),
    detailedExitcode: flag('--detailed-exitcode', 'The same, by the name that Terraform has for it'),
    build: flag('--build', 'As of up --build'),
    pull: choice('--pull <policy>', 'As of up --pull', ['always', 'missing', 'never', 'build']),
    forceRecreate: flag('--force-recreate', 'As of up --force-recreate'),
    noRecreate: flag('--no-recreate', 'As of up --no-recreate'),
    noDeps: flag('--no-deps', 'As of up --no-deps'),
    removeOrphans: flag('--remove-orphans', 'As of up --remove-orphans'),
    scale: list('--scale <service=number>', 'As of up --scale'),
  },
  conflicts: [
    ['forceRecreate', 'noRecreate'],
    ['json', 'exposure'],
  ],
  examples: [
    [
      'tscompose plan',
      '+ created, ~ changed, - removed, with the fields that differ, and which of them a container can have while it runs',
    ],
  ],
  run: async (context, services, { json, output, exitCode, detailedExitcode, exposure, ...flags }) => {
    const {
      plan: made,
      exposure: exposed,
      saved,
    } = await planExposed(targetOf(context), {
      ...readPlanOptions(services, flags, context.env),
      askRegistries: asksForPulls(context.globals, context.env),
    })
    if (output !== undefined) await writeSavedPlan(resolve(context.cwd, output), saved())
    const { stdout } = context.streams
    if (json) stdout.write(`${JSON.stringify(planToJson(made), null, 2)}\n`)
    else if (made.operations.length === 0)
      stdout.write(NOTHING[whatWasCompared(made, flags.noRecreate, isForeign(context.env))])
    else
      stdout.write(
        renderPlan(made, {
          color: useColor(context.globals, stdout, context.env),
          reaches: true,
          folder: context.cwd,
        }),
      )
    if (exposure) stdout.write((await openFormat(EXPOSURE, undefined))(exposed()))
    const { problems = [], divergedVolumes, warnings } = made
    printDiagnostics(context, [...divergedVolumes.map(leftAsItIs), ...warnings, ...problems])
    if (problems.length > 0) return EXIT.failure
    return (exitCode || detailedExitcode) && made.operations.length > 0 ? SOMETHING_TO_DO : EXIT.ok
  },
})

function whatWasCompared(
  { divergedVolumes, warnings }: Plan,
  noRecreate: boolean,
  isElsewhere: boolean,
): keyof typeof NOTHING {
  if (divergedVolumes.length > 0) return 'but volumes'
  if (warnings.some(({ code }) => code === 'DRIFT_STAYS' || code === 'DRIFT_UNSEEN')) return 'but drift'
  if (noRecreate) return 'not compared'
  return isElsewhere ? 'elsewhere' : 'ours'
}
