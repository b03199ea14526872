import {
  DOCKER_FUNCTIONS,
  GO_FUNCTIONS,
  HEADER_FUNCTIONS,
  parseTemplate,
} from '../../../go-template/index.ts'
import type { Listing, Render } from './listing.ts'
import { renderTable } from './table.ts'

/** What stands before the template of a table, and what before any other. */
const TABLE_WORD = /^table(?=\s|\\t|\{\{) */
const BLANKS = /^ */

/** How a template shows items, a line each, or each a row of a table. Errors: TEMPLATE_SYNTAX; of what it returns TEMPLATE_VALUE. */
export function openTemplate<T>(listing: Listing<T>, text: string): Render<T> {
  const word = TABLE_WORD.exec(text)?.[0]
  const from = (word ?? BLANKS.exec(text)?.[0] ?? '').length
  const source = { name: '--format', text: text.replace(/ +$/, ''), from, hasEscapes: true }
  const template = parseTemplate(source, { ...GO_FUNCTIONS, ...DOCKER_FUNCTIONS })
  const line = (item: T): string => template.execute(recordOf(listing, item))
  if (word === undefined) return items => items.map(item => `${line(item)}\n`).join('')
  return items => {
    const header = template.execute(titlesOf(listing), HEADER_FUNCTIONS)
    const rows = items.map(item => cellsOf(line(item)))
    return renderTable(cellsOf(header), rows, listing.form)
  }
}

const cellsOf = (row: string): string[] => row.split('\t')

function recordOf<T>({ fields, methods = {} }: Listing<T>, item: T): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {}
  for (const [name, { of }] of Object.entries(fields)) record[name] = of(item)
  for (const [name, { of }] of Object.entries(methods))
    record[name] = (argument: unknown) => of(item, String(argument))
  return record
}

/** What stands for an item in a table's head: its fields are their titles. */
function titlesOf<T>({ fields, methods = {} }: Listing<T>): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {}
  for (const [name, { title }] of Object.entries(fields)) record[name] = title
  for (const [name, { title }] of Object.entries(methods))
    record[name] = (argument: unknown) => title(String(argument))
  return record
}
