import { doctor, type Finding, type FindingStatus } from '../../project/doctor.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { useColor } from '../global-options.ts'
import { text } from '../option.ts'
import type { Listing } from '../views/listing/listing.ts'
import { FORMAT_HELP, openFormat } from '../views/listing/open-format.ts'

/** `tscompose doctor`. */
export const command: Command = defineCommand({
  description:
    'Shows what this machine has and lacks, and what follows. It reads and tries, leaves nothing behind, and needs no engine. The exit status is 1 where something lacks that up needs.',
  options: { format: text('--format <format>', FORMAT_HELP) },
  examples: [['sudo tscompose doctor', 'before the first up, or when one fails']],
  run: async ({ env, globals, streams }, _args, { format }) => {
    const isTable = format === undefined || format === '' || format === 'table'
    const render = isTable
      ? (findings: readonly Finding[]) => grouped(findings, useColor(globals, streams.stdout, env))
      : await openFormat(FINDINGS, format)
    const findings = await doctor({ env })
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
