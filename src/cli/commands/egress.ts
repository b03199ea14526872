import { refused } from '../../project/egress.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { renderTable } from '../views/listing/table.ts'

/** `tscompose egress`. */
export const command: Command = defineCommand({
  description:
    'Shows where services that say where they may go (x-tscompose: {egress: …}) were kept from going within a day: address, protocol and port, how many packets, and when last.',
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
    const rows = found.map(({ container, address, protocol, port, packets, last }) => [
      container,
      address,
      port === 0 ? protocol : `${port}/${protocol}`,
      String(packets),
      new Date(last).toISOString().slice(0, 19).replace('T', ' '),
    ])
    const header = ['CONTAINER', 'REFUSED', 'PORT', 'PACKETS', 'LAST (UTC)']
    stdout.write(renderTable(header, rows, { narrowest: 4, gap: 2 }))
    return EXIT.ok
  },
})
