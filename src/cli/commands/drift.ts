import { type Drifted, drift } from '../../project/drift.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag } from '../option.ts'
import { targetOf } from '../target.ts'
import { renderTable } from '../views/listing/table.ts'

/** Exit status where something has drifted. */
const DRIFTED = 2

/** `tscompose drift`. */
export const command: Command = defineCommand({
  description:
    'Shows what the kernel has otherwise than it was set up for the project: links, addresses and routes that somebody has changed or removed. Changes nothing; up puts it right.\n' +
    'The exit status is 0 where there is nothing, and 2 where there is something.',
  options: { json: flag('--json', 'One JSON object a line') },
  examples: [['tscompose drift', 'what up would put right, without the file']],
  run: async (context, services, { json }) => {
    const found = await drift(targetOf(context), { services })
    const { stdout } = context.streams
    if (json) for (const each of found) stdout.write(`${JSON.stringify(each)}\n`)
    else if (found.length > 0) {
      const rows = found.map(each => [
        `${each.kind} ${each.name}`,
        each.path,
        each.want,
        each.got,
        HOW[each.repair],
      ])
      stdout.write(renderTable(['OF', 'WHAT', 'WANTED', 'IS', 'PUT RIGHT'], rows, { narrowest: 4, gap: 2 }))
    }
    return found.length === 0 ? EXIT.ok : DRIFTED
  },
})

const HOW: Readonly<Record<Drifted['repair'], string>> = {
  place: 'where it stands',
  update: 'by an update',
  restart: 'by a restart',
  recreate: 'by a new one',
  none: 'up --force-recreate',
}
