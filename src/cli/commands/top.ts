import { terminalText } from '../../diagnostics/index.ts'
import { top } from '../../project/top.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { targetOf } from '../target.ts'
import { renderTable } from '../views/listing/table.ts'

/** `tscompose top`. */
export const command: Command = defineCommand({
  description: 'Shows the processes of the running containers, with the pids that they have on the host.',
  options: {},
  run: async (context, services) => {
    const found = (await top(targetOf(context), { services })).filter(({ processes }) => processes.length > 0)
    const [first] = found
    if (first === undefined) return EXIT.ok
    const rows = found.flatMap(({ service, number, processes }) =>
      processes.map(cells => [service, number === 0 ? '' : String(number), ...cells.map(terminalText)]),
    )
    const header = ['SERVICE', '#', ...first.titles]
    context.streams.stdout.write(renderTable(header, rows, { narrowest: 4, gap: 2 }))
    return EXIT.ok
  },
})
