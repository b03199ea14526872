import { expect, test } from 'vitest'
import { misused } from './words.ts'

const WORDS = {
  view: { means: 'how a command shows its result', folders: ['src/cli'] },
  registry: { means: 'a server that has images', folders: ['src/image'] },
}
const wrong = (path: string, text = ''): string[] => misused(path, text, WORDS)

test.each([
  ['a class', 'export class MergedView {}'],
  ['an interface', 'interface ViewLayer {}'],
  ['a function', 'export async function viewOf(): Promise<void> {}'],
  ['a constant', 'const OPEN_VIEWS = 3'],
  ['a type', 'export type Registries = string[]'],
])('%s with a word that has another meaning is a problem', (_, text) => {
  expect(wrong('src/engine/a.ts', text)).toHaveLength(1)
})

test('so is a file or a folder', () => {
  expect(wrong('src/engine/root-view.ts')).toHaveLength(1)
  expect(wrong('src/engine/registry/table.ts')).toHaveLength(1)
})

test('the word is free where it belongs, within other words, and in text', () => {
  expect(wrong('src/cli/views/view.ts', 'export function viewOf(): void {}')).toEqual([])
  expect(wrong('src/engine/preview.ts', 'export const reviewer = 1')).toEqual([])
  expect(
    wrong('src/engine/a.ts', '// What a view shows.\nfunction f(): void {\n  const view = 1\n}'),
  ).toEqual([])
})
