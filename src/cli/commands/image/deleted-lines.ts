import type { ImageDeleteItem } from '../../../project/storage/types.ts'

/** What a removal did, as `docker image rm` prints it; a pruning prints the words in lower case. */
export function deletedLines(items: readonly ImageDeleteItem[], words: 'Upper' | 'lower'): string {
  const word = (text: string): string => (words === 'Upper' ? text : text.toLowerCase())
  return items
    .map(({ Untagged, Deleted }) =>
      Untagged === undefined ? `${word('Deleted')}: ${Deleted}\n` : `${word('Untagged')}: ${Untagged}\n`,
    )
    .join('')
}
