import { Failure } from '../../../diagnostics/index.ts'
import { ProjectFailure } from '../../../project/failures.ts'
import type { Listing, Render } from './listing.ts'
import { renderTable } from './table.ts'

/** What `--format` takes, for help. */
export const FORMAT_HELP = 'table, json, or a Go template: {{.Name}}, table {{.Name}}\\t{{.Status}}'

/** How items are shown in a format: `table` (also where none is given), `json`, or a template. Errors: TEMPLATE_SYNTAX. */
export async function openFormat<T>(listing: Listing<T>, format: string | undefined): Promise<Render<T>> {
  if (format === undefined || format === '' || format === 'table') return items => table(listing, items)
  if (format === 'json') return listing.json ?? (items => items.map(item => jsonLine(listing, item)).join(''))
  // Few lists are shown by a template, and each would pay for its language.
  const { openTemplate } = await import('./template.ts')
  const text = format === 'raw' ? (listing.raw ?? format) : format
  return withSource(text, () => {
    const render = openTemplate(listing, text)
    return items => withSource(text, () => render(items))
  })
}

function table<T>({ fields, columns, form }: Listing<T>, items: readonly T[]): string {
  const names = typeof columns === 'function' ? columns(items) : columns
  const shown = names.flatMap(name => fields[name] ?? [])
  return renderTable(
    shown.map(({ title = '' }) => title),
    items.map(item => shown.map(field => String(field.of(item)))),
    form,
  )
}

/** One object with all fields, and a newline. */
function jsonLine<T>({ fields }: Listing<T>, item: T): string {
  return `${JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.of(item)])))}\n`
}

/** What is wrong with a template is shown in it. */
function withSource<R>(text: string, work: () => R): R {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Failure) || error.diagnostics.every(({ range }) => range === undefined))
      throw error
    throw new ProjectFailure(error.diagnostics, new Map([['--format', text]]))
  }
}
