import { Reporter } from '../../../reporter.ts'
import type { Node } from '../../../tree/node.ts'
import { Source } from '../../../tree/source.ts'
import { parseWholeYaml } from '../../parse.ts'
import { readSubset } from '../read.ts'

/** One text, read both ways. */
export interface Readings {
  readonly subset: Node | undefined
  /** The package's only document; undefined where it finds anything wrong. */
  readonly whole: Node | undefined
}

/** Reads a text with the reader of the subset and with the package. */
export function read(text: string): Readings {
  const source = new Source('f', text)
  const reporter = new Reporter()
  const documents = parseWholeYaml(source, reporter)
  const isOne = documents.length === 1 && reporter.diagnostics.length === 0
  return { subset: readSubset(source), whole: isOne ? documents[0] : undefined }
}
