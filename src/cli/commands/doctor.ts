import { doctor, type Finding, type FindingStatus } from '../../project/doctor.ts'
import { cleanLeftovers, isLeftAlone, type Leftover } from '../../project/leftovers.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { useColor } from '../global-options.ts'
import { flag, text } from '../option.ts'
import { targetOf } from '../target.ts'
import { confirm } from '../views/confirm.ts'
import type { Listing } from '../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../views/listing/open-format.ts'

/** `tscompose doctor`. */
export const command: Command = defineCommand({
  description:
    'Shows what this machine has and lacks, and what follows; in a project, also whether registries give its images. It reads and tries, leaves\n' +
    'nothing behind, and needs no engine. The exit status is 1 where something lacks that up needs.',
  options: {
    format: text('--format <format>', FORMAT_HELP),
    clean: flag(
      '--clean',
      'Show what engines have left whose ROOT is gone, and remove it if that is confirmed',
    ),
    force: flag('-f, --force', 'With --clean: do not ask'),
  },
  conflicts: [['format', 'clean']],
  examples: [
    ['sudo tscompose doctor', 'before the first up, or when one fails'],
    ['sudo tscompose doctor --clean', 'after a ROOT was removed by hand'],
  ],
  run: async (context, _args, { format, clean: cleans, force }) => {
    if (cleans) return showCleaning(context, force)
    const { env, globals, streams } = context
    const isTable = format === undefined || format === '' || format === 'table'
    const render = isTable
      ? (findings: readonly Finding[]) => grouped(findings, useColor(globals, streams.stdout, env))
      : await openFormat(FINDINGS, format)
    const findings = await doctor({ ...targetOf(context), onDiagnostics: () => undefined })
    streams.stdout.write(render(findings))
    return findings.some(({ status }) => status === 'lacking') ? EXIT.failure : EXIT.ok
  },
})

const FINDINGS: Listing<Finding> = {
  fields: {
    Area: { title: 'AREA', of: ({ area }) => area },
    Name: { title: 'NAME', of: ({ name }) => name },
    Status: { title: 'STATUS', of: ({ status }) => status },
    Found: { title: 'FOUND', of: ({ found }) => found },
    Follows: { title: 'FOLLOWS', of: ({ follows = '' }) => follows },
  },
  columns: ['Area', 'Name', 'Status', 'Found'],
}

const COLORS: Readonly<Record<FindingStatus, number>> = { ok: 32, warning: 33, lacking: 31 }
const WIDEST_STATUS = 'warning'.length

/** Facts below their areas; what follows from one stands below it. */
function grouped(findings: readonly Finding[], color: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  const paint = (status: FindingStatus): string => {
    const padded = status.padEnd(WIDEST_STATUS)
    return color ? `\x1b[${COLORS[status]}m${padded}\x1b[0m` : padded
  }
  const lines = findings.flatMap(({ area, name, status, found, follows }, at) => [
    ...(findings[at - 1]?.area === area ? [] : [...(at === 0 ? [] : ['']), area]),
    `  ${paint(status)}  ${name.padEnd(width)}  ${found}`,
    ...(follows === undefined ? [] : [`${' '.repeat(WIDEST_STATUS + 4)}→ ${follows}`]),
  ])
  const count = (status: FindingStatus): number => findings.filter(each => each.status === status).length
  return `${lines.join('\n')}\n\n${count('ok')} ok, ${count('warning')} warning, ${count('lacking')} lacking\n`
}

/** What was found goes to standard output, whatever becomes of it. Without a terminal nobody can say yes. */
async function showCleaning(context: CommandContext, force: boolean): Promise<number> {
  const { streams, globals } = context
  const { found, removed, failures } = await cleanLeftovers(targetOf(context), async leftovers => {
    streams.stdout.write(leftovers.map(lineOf).join(''))
    if (force || globals.dryRun) return force && !globals.dryRun
    if (streams.stdin.isTTY === true) return confirm(context, 'Remove what no process uses?')
    streams.stderr.write('Nothing is removed: confirm it with --force\n')
    return false
  })
  if (found.length === 0) streams.stdout.write('Nothing is left of engines whose ROOT is gone\n')
  // Where all of it is left alone nobody was asked.
  if (found.every(isLeftAlone)) streams.stdout.write(found.map(lineOf).join(''))
  for (const { leftover, reason } of failures) streams.stderr.write(`${leftover.name} stays: ${reason}\n`)
  if (removed.length > 0) streams.stdout.write(`Removed ${removed.length} of ${found.length}\n`)
  return failures.length > 0 ? EXIT.failure : EXIT.ok
}

function lineOf({ kind, name, cause, pids, hasChanged }: Leftover): string {
  const users = pids.length === 0 ? '' : `; left alone while these processes run: ${pids.join(' ')}`
  const moment = hasChanged ? '; left alone, for it changed within the last minute' : ''
  return `${kind.padEnd('bridge'.length)}  ${name}  (${cause}${users}${moment})\n`
}
