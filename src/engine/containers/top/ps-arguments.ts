import { failure } from '../../../diagnostics/index.ts'
import { COLUMNS, type Column } from './columns.ts'

/** What ps(1) shows by itself, with `-f`, and with `u`. In the second, users stand under UID by their names. */
const PLAIN = ['pid', 'tty', 'time', 'cmd']
const FULL = ['user=UID', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd']
const BY_USER = ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'bsdstart', 'bsdtime', 'command']

/** Columns that arguments of ps(1) ask for; which processes are shown they do not change. None are `-ef`. Errors: PS_ARGS. */
export function columnsOf(psArguments: string): readonly Column[] {
  const words = psArguments.split(/\s+/).filter(word => word !== '')
  const asked: string[] = []
  let layout = words.length === 0 ? FULL : PLAIN
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const format = /^(?:-?[aAexgdw]*o|--format=?)(.*)$/.exec(word)
    if (format) {
      const names = format[1] || words[++index]
      asked.push(...(names ?? '').split(',').filter(name => name !== ''))
    } else if (/^-?[aAexgdwfFuHh]+$/.test(word)) {
      if (/u/.test(word)) layout = BY_USER
      else if (/f/i.test(word)) layout = FULL
    } else throw unsupported(psArguments)
  }
  const columns = (asked.length > 0 ? asked : layout).map(name => column(name, psArguments))
  if (columns.some(({ title }) => title === 'PID')) return columns
  throw failure({
    code: 'PS_ARGS',
    kind: 'invalidArgument',
    summary: `ps arguments "${psArguments}" leave out the column pid`,
    facts: { rule: 'pid' },
  })
}

/** `pid`, or `pid=NUMBER` with a title of one's own. */
function column(text: string, psArguments: string): Column {
  const [name = '', ...title] = text.split('=')
  const known = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined
  if (known === undefined) throw unsupported(psArguments, name)
  return title.length === 0 ? known : { ...known, title: title.join('=') }
}

function unsupported(psArguments: string, name?: string): Error {
  return failure({
    code: 'PS_ARGS',
    kind: 'invalidArgument',
    summary:
      name === undefined
        ? `ps arguments "${psArguments}" are not supported, want -ef, aux or -o COLUMNS`
        : `ps has no column "${name}" here`,
    facts: name === undefined ? {} : { rule: 'column', column: name },
    hint: `columns are ${Object.keys(COLUMNS).join(', ')}`,
  })
}
