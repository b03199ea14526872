// Runs a program of dist/programs from V8's code caches, which the build leaves beside its files: compiling JavaScript takes
// longer than most commands. A program is in many files, so that a command reads no more than it needs. V8 checks flags and source,
// but of its version not what Node has patched in it, with which a cache of another Node is run as other code: so a cache is
// sought by the very Node that wrote it, and where there is none, it compiles.
'use strict'
const { closeSync, openSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

const FOLDER = join(__dirname, '..', 'dist', 'programs')

/**
 * Set by the build alone: the caches are written when the process ends, with all functions that were compiled by then, or with `all` that
 * there are: no build can have an engine do what it does.
 */
const WRITE = process.env.TSCOMPOSE_WRITE_CODE_CACHE

// V8 takes no code cache that was written under other flags, and those of Node itself were written under none: without them it takes 20 ms
// more to start, and so does each thread. Of the engine's flags the heap was made by now, which is all that they are for.
if (process.execArgv.some(flag => flag.startsWith('--max-semi-space-size')))
  setFlagsFromString('--max-semi-space-size=0')

// A command is over, and an engine has mostly nothing to do, before optimized code has won back what its compilers take: of an `up` of
// fifty they took a sixth. Code that goes on, as that of transfers does, still has it, eight times as late as V8 of Node 20 would; later
// ones have a compiler between that takes less. That is a flag, too: so it is set when nothing was loaded for a while.
const LAZY = process.versions.v8.startsWith('11.')
const lazily = LAZY && setTimeout(() => setFlagsFromString('--interrupt-budget=540672'), 250).unref()

/** Before anything that may take a code cache. */
function takeCaches() {
  if (!LAZY) return
  setFlagsFromString('--interrupt-budget=67584')
  lazily.refresh()
}
process.on('worker', takeCaches)

/** What a cache is called behind the name of its file. */
const CACHE = `.${process.version}-${process.arch}.cache`

/** Exports of the files that were run, by name. */
const loaded = new Map()

/** Node's modules that were asked for. */
const own = new Map()

/** What was compiled, by the path of its cache. */
const scripts = new Map()
if (WRITE) {
  if (WRITE === 'all') setFlagsFromString('--no-lazy')
  process.on('exit', () => {
    takeCaches()
    setFlagsFromString('--lazy')
    for (const [path, script] of scripts) replaceFile(path, script.createCachedData())
  })
}

/** Files that stand in others, by name: the function that each is, or the file that has it. */
const parts = new Map()

/** Descriptors of files that are held for later, by name: at their paths may be another version's by then. */
const kept = new Map()

/**
 * Opens files before they are needed: what runs for days, as the engine does, may be asked for its first build after an
 * upgrade has removed them. Once the program has started, so that nothing waits for it.
 */
function keep(names) {
  setImmediate(() => {
    for (const name of names) if (!loaded.has(name)) kept.set(name, openSync(join(FOLDER, name)))
  })
}

/** Runs a file of FOLDER once and returns its exports. */
function load(name) {
  const known = loaded.get(name)
  if (known) return known.exports
  const filename = join(FOLDER, name)
  const module_ = { exports: {} }
  loaded.set(name, module_)
  functionOf(name, filename)(module_.exports, requireFrom, module_, locationOf(filename), parts, keep)
  return module_.exports
}

function functionOf(name, filename) {
  if (typeof parts.get(name) === 'string') load(parts.get(name))
  return parts.get(name) ?? compile(name, filename)
}

function compile(name, filename) {
  const source = sourceOf(name, filename)
  const cachedData = readIfThere(`${filename}${CACHE}`)
  // The name stands in the cache and in stack traces: a path would be the builder's.
  const options = { filename: `tscompose/${name}`, ...(cachedData && { cachedData }) }
  takeCaches()
  const script = new Script(source, options)
  if (WRITE) scripts.set(`${filename}${CACHE}`, script)
  return script.runInThisContext()
}

function sourceOf(name, filename) {
  const fd = kept.get(name)
  const source = readFileSync(fd ?? filename, 'latin1')
  if (fd !== undefined) closeSync(fd)
  kept.delete(name)
  return source
}

/** Files of the program come from FOLDER, all else from Node. */
function requireFrom(id) {
  if (id.startsWith('./')) return load(id.slice(2))
  if (!own.has(id)) {
    takeCaches()
    own.set(id, require(id))
  }
  return own.get(id)
}

/** What stands for `import.meta`. */
function locationOf(filename) {
  return {
    get url() {
      return require('node:url').pathToFileURL(filename).href
    },
  }
}

function readIfThere(path) {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Another process may be reading it. */
function replaceFile(path, bytes) {
  writeFileSync(`${path}.new`, bytes)
  renameSync(`${path}.new`, path)
}

/** Runs the program of this name. */
const start = name => void load(`${name}.cjs`)

module.exports = { start }
if (require.main === module) start(process.argv[2])
