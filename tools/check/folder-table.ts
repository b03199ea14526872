import { readFileSync, writeFileSync } from 'node:fs'
import { ALLOWED } from './imports.ts'

/** The page whose table of folders has a column for what each may import. */
export const FOLDERS_PAGE = 'docs/architecture.md'

const ROW = /^\| `(src\/[\w./-]+)`\s*\|([^|]*)\|([^|]*)\|$/gm

/** The page with that column as tools/check/imports.ts has it; rows keep their order and the words on what is in a folder. */
export function fillFolderTable(page: string): string {
  return page.replace(ROW, (row, folder: string, about: string) =>
    folder in ALLOWED ? `| \`${folder}\` | ${about.trim()} | ${importsOf(folder)} |` : row,
  )
}

/** One line for each folder that has no row, or more than one, and for each row that says something else than the check. */
export function checkFolderTable(page: string): string[] {
  const rows = [...page.matchAll(ROW)].map(([row, folder = '']) => ({ row, folder }))
  const problems = Object.keys(ALLOWED).filter(
    folder => rows.filter(row => row.folder === folder).length !== 1,
  )
  const strange = rows.filter(({ folder }) => !(folder in ALLOWED))
  const stale = rows.filter(({ row }) => fillFolderTable(row) !== row)
  return [
    ...problems.map(folder => `${FOLDERS_PAGE}: want one row for ${folder}`),
    ...strange.map(({ folder }) => `${FOLDERS_PAGE}: ${folder} is no folder of tools/check/imports.ts`),
    ...stale.map(
      ({ folder }) => `${FOLDERS_PAGE}: what ${folder} may import has changed: run npm run check -- --write`,
    ),
  ]
}

/** Checks the page as it is on disk, having filled the column in first where `write` asks for it. */
export function checkFoldersPage(write: boolean): string[] {
  const page = readFileSync(FOLDERS_PAGE, 'utf8')
  const filled = fillFolderTable(page)
  if (write && filled !== page) writeFileSync(FOLDERS_PAGE, filled)
  return checkFolderTable(write ? filled : page)
}

/** As the page says it. */
function importsOf(folder: string): string {
  const allowed = ALLOWED[folder] ?? []
  return allowed.length === 0 ? 'nothing' : allowed.map(target => target.replace(/^src\//, '')).join(', ')
}
