import { deployToJson } from '../../../project/deploy/index.ts'
import { type Command, defineCommand } from '../../define-command.ts'
import { EXIT } from '../../exit-codes.ts'
import { choice, flag, given } from '../../option.ts'
import { printDiagnostics } from '../../work.ts'
import { NOTHING, printPlan } from './show.ts'
import { clusterOf, WHERE, WHERE_CONFLICTS } from './where.ts'

/** Exit status of `--exit-code` when there is something to do. */
const SOMETHING_TO_DO = 2

/** `tscompose deploy plan`. */
export const command: Command = defineCommand({
  description:
    'Compares the file with what the cluster has, and prints all that deploy would do. Changes nothing.\n' +
    'What deploy would fail at is told: then the exit status is 1. Else it is 0 whether or not there is something to do; ' +
    'with --exit-code it is 2 where there is.',
  options: {
    ...WHERE,
    prune: flag('--prune', 'As of deploy --prune'),
    force: flag('--force', 'As of deploy --force'),
    resolveImage: choice('--resolve-image <when>', 'As of deploy --resolve-image', [
      'always',
      'changed',
      'never',
    ]),
    strict: flag('--strict', 'As of deploy --strict'),
    json: flag('--json', 'The plan as JSON'),
    exitCode: flag('--exit-code', 'Return 2 when the plan is not empty'),
    detailedExitcode: flag('--detailed-exitcode', 'The same, by the name that Terraform has for it'),
  },
  conflicts: WHERE_CONFLICTS,
  examples: [['tscompose deploy plan --to kubernetes', 'what differs, field by field, and who has set it']],
  run: async (context, services, options) => {
    const { prune, force, json, exitCode, detailedExitcode, resolveImage, strict } = options
    const plan = await (await clusterOf(context, options)).plan({
      services,
      prune,
      force,
      strict,
      ...given({ resolveImage }),
    })
    if (json) context.streams.stdout.write(`${JSON.stringify(deployToJson(plan), null, 2)}\n`)
    else printPlan(context, plan, NOTHING)
    printDiagnostics(context, [...plan.warnings, ...plan.problems])
    if (plan.problems.length > 0) return EXIT.failure
    return (exitCode || detailedExitcode) && plan.operations.length > 0 ? SOMETHING_TO_DO : EXIT.ok
  },
})
