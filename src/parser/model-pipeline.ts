import { canonicalize } from './canonical/canonical.ts'
import { omitEmpty } from './canonical/omit-empty.ts'
import { setDefaults } from './defaults/defaults.ts'
import type { DocumentContext, DocumentPass, ModelInput } from './document-context.ts'
import { resolveEnvironment } from './environment/pass-through.ts'
import { applyExtends } from './extends/extends.ts'
import { applyInclude } from './include/include.ts'
import { interpolate } from './interpolate/interpolate.ts'
import { merge } from './merge/merge.ts'
import { finishTags } from './merge/tags.ts'
import { relativeFolder, resolvePaths } from './paths/paths.ts'
import { checkSchema } from './schema/check.ts'
import type { Scope } from './scope.ts'
import { asMap, child, type MapNode, map, type Node, typeName } from './tree/node.ts'
import type { Source } from './tree/source.ts'
import { removeDoubles } from './unique/unique.ts'
import { validate } from './validate/validate.ts'

/** The passes of one YAML document, in order; README.md follows a file through them. */
export const DOCUMENT_PASSES: readonly DocumentPass[] = [
  {
    name: 'interpolate',
    does: 'replaces variables and casts texts on typed attributes',
    run: (node, context) =>
      context.scope.options.interpolate === false
        ? node
        : asSame(interpolate(node, context.lookup, context.scope.reporter), node),
  },
  { name: 'include', does: 'loads included projects and merges them below', run: applyInclude },
  { name: 'extends', does: 'lays services over those that they extend', run: applyExtends },
  {
    name: 'merge',
    does: 'lays the document over the earlier ones, ends !reset and !override',
    run: (node, { earlier, scope }) => {
      const merged = earlier ? merge(earlier, node, scope.reporter) : node
      return asSame(finishTags(merged) ?? node, node)
    },
  },
  {
    name: 'unique',
    does: 'removes doubles from lists that have a key',
    run: (node, { scope }) => asSame(removeDoubles(node, scope), node),
  },
  { name: 'schema', does: 'checks types and keys, drops what is wrong', run: checkSchema },
  {
    name: 'canonical',
    does: 'writes short forms long',
    run: (node, { scope }) => asSame(canonicalize(node, scope), node),
  },
  {
    name: 'omit-empty',
    does: 'drops blank items where they mean nothing',
    run: node => asSame(omitEmpty(node), node),
  },
  {
    name: 'unique-again',
    does: 'removes doubles that only the long form shows, as of port ranges',
    run: (node, { scope }) => asSame(removeDoubles(node, scope), node),
  },
]

/** The passes of a whole model (the project's, or an include's) after its last document. */
export const MODEL_PASSES: readonly DocumentPass[] = [
  {
    name: 'defaults',
    does: 'fills in what an attribute means without a part',
    run: node => asSame(setDefaults(node), node),
  },
  {
    name: 'validate',
    does: 'checks attributes that exclude each other',
    run: (node, { scope }) => asSame(validate(node, scope.reporter), node),
  },
  {
    name: 'paths',
    does: 'makes relative paths absolute',
    run: (node, context) => {
      const { scope, workingDir, includedInto = workingDir } = context
      // Where paths stay relative, those of an include are written from the folder of what includes it.
      if (scope.options.resolvePaths === false && context.includedFrom.length === 0) return node
      const base = baseOf(workingDir, includedInto, context)
      return asSame(resolvePaths(node, { workingDir: base, home: scope.home }), node)
    },
  },
  {
    name: 'environment',
    does: 'gives variables without a value that of the environment',
    run: (node, { lookup, scope }) =>
      scope.options.interpolate === false
        ? node
        : asSame(resolveEnvironment(node, lookup, scope.options.normalize !== false), node),
  },
]

/** The passes of a file that `extends` names: it is a part, so only the result of merging is checked. */
const BASE_PASSES = new Set(['interpolate', 'merge', 'unique', 'canonical', 'omit-empty', 'unique-again'])

function asSame(node: Node, fallback: MapNode): MapNode {
  return node.kind === 'map' ? node : fallback
}

/** Runs the pipeline for the files of one model; undefined when none of them holds anything. */
export function loadModel(input: ModelInput, scope: Scope): MapNode | undefined {
  const bases = new Map<string, MapNode | undefined>()
  const contextOf = (file: Source, earlier: MapNode | undefined): DocumentContext => ({
    ...input,
    scope,
    file,
    earlier,
    loadModel: inner => loadModel(inner, scope),
    loadBase: (base, folder) => {
      const key = `${folder}\0${base.name}`
      if (!bases.has(key)) bases.set(key, loadBase(base, folder, contextOf(base, undefined)))
      return bases.get(key)
    },
  })
  let model: MapNode | undefined
  for (const file of input.files) model = addFile(file, model, contextOf, DOCUMENT_PASSES)
  const [main] = input.files
  if (model === undefined || main === undefined) return undefined
  const context = contextOf(main, undefined)
  return MODEL_PASSES.reduce((node, pass) => pass.run(node, context), model)
}

type ContextOf = (file: Source, earlier: MapNode | undefined) => DocumentContext

function addFile(
  file: Source,
  earlier: MapNode | undefined,
  contextOf: ContextOf,
  passes: readonly DocumentPass[],
): MapNode | undefined {
  let model = earlier
  for (const document of documentsOf(file, contextOf(file, earlier).scope)) {
    const context = contextOf(file, model)
    model = passes.reduce((node, pass) => pass.run(node, context), document)
  }
  return model
}

function documentsOf(file: Source, scope: Scope): MapNode[] {
  const documents: MapNode[] = []
  for (const document of scope.parse(file)) {
    if (document.kind === 'map') documents.push(document)
    else
      scope.reporter.error('INVALID_TYPE', `write a mapping at the top level, got ${typeName(document)}`, {
        node: document,
        hint: 'start with services:',
      })
  }
  return documents
}

/** Where the paths of a file start; as seen from another folder when paths are to stay relative, unless it was fetched. */
function baseOf(folder: string, from: string, { scope, file, includedFrom }: DocumentContext): string {
  const isFetched = [file.name, ...includedFrom].some(name => scope.remotes.nameOf(name) !== name)
  return scope.options.resolvePaths === false && !isFetched ? relativeFolder(from, folder) : folder
}

function loadBase(file: Source, folder: string, context: DocumentContext): MapNode | undefined {
  const passes = DOCUMENT_PASSES.filter(pass => BASE_PASSES.has(pass.name))
  const model = addFile(file, undefined, (source, earlier) => ({ ...context, file: source, earlier }), passes)
  const base = baseOf(folder, context.workingDir, { ...context, file })
  const placed = model && resolvePaths(model, { workingDir: base, home: context.scope.home })
  return asMap(child(placed, 'services')) ?? (model ? map({}) : undefined)
}
