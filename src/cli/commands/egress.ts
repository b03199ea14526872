import { type Refused, refused } from '../../project/egress.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { renderTable } from '../views/listing/table.ts'

/** `tscompose egress`. */
export const command: Command = defineCommand({
  description:
    'Shows what services that say where they may go (x-tscompose: {egress: …}) were kept from within a day: address, protocol and port, or the name that they asked for; how often (packets, or questions), and when last.',
  options: { json: flag('--json', 'One JSON object a line') },
  examples: [['tscompose egress web', 'what web wanted and did not get']],
  run: async (context, services, { json }) => {
    const found = await refused(targetOf(context), { services })
    const { stdout } = context.streams
    if (json) {
      for (const { last, ...each } of found)
        stdout.write(`${JSON.stringify({ ...each, last: new Date(last).toISOString() })}\n`)
      return EXIT.ok
    }
    if (found.length === 0) return EXIT.ok
    const rows = found.map(each => [
      each.container,
      ...told(each),
      new Date(each.last).toISOString().slice(0, 19).replace('T', ' '),
    ])
    const header = ['CONTAINER', 'REFUSED', 'PORT', 'TIMES', 'LAST (UTC)']
    stdout.write(renderTable(header, rows, { narrowest: 4, gap: 2 }))
    return EXIT.ok
  },
})

/** What was refused, its port, and how often. */
function told(each: Refused): string[] {
  if ('name' in each) return [each.name, 'name', String(each.questions)]
  const { address, port, protocol, packets } = each
  return [address, port === 0 ? protocol : `${port}/${protocol}`, String(packets)]
}
