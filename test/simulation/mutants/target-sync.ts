/** The mechanisms of target-sync, for catalogue.ts. */
import { type Mutant, without } from './mutation.ts';

const unit = (...names: readonly string[]) => ({ files: names.map((name) => `containers/target-sync/${name}`) });
const story = (named: string) => ({ files: ['simulation/product'], named });

export const TARGET_SYNC: readonly Mutant[] = [
  {
    name: "target-sync: resync's word of another life is taken",
    mutations: [without(' || word.life !== read.shard.life')],
    killers: unit('known-configuration'),
  },
  {
    name: "target-sync: resync's word of another life drops what was heard",
    mutations: [without('if (known.shard.life !== word.life) return;')],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: what another life added goes when the same targets come again',
    mutations: [without(' && !hasEnded')],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: a shard that is gone says nothing that another one says',
    mutations: [
      {
        find: 'for (const change of statements(knownConfiguration(configuration, lower).merged)) this.#known.adopt(change, now);',
        replace:
          'for (const change of statements(knownConfiguration(configuration, lower).merged)) this.hear(change, now);',
      },
    ],
    killers: unit('cluster-targets.test'),
  },
  {
    name: "target-sync: resync's word is taken again for the same number",
    mutations: [
      without('if (word && known.version !== before?.version) this.#words.set(shard, { ...word, known: undefined });'),
    ],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: what a lower version removed is forgotten with it',
    mutations: [{ find: 'applyChanges(read.shard, removalsBefore(known))', replace: 'read.shard' }],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: any number of batches is in hand',
    mutations: [without('if (inHand.size >= BATCHES) await Promise.race(inHand);')],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: the version of a parameter that began again is not read',
    mutations: [
      { find: 'it.version !== known.version(it.shard)', replace: 'it.version > (known.version(it.shard) ?? 0)' },
    ],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: a removal that another shard holds is not taken over what was heard',
    mutations: [{ find: "if (!isShown && heard?.kind !== 'upsert') return [];", replace: 'if (!isShown) return [];' }],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: nothing survives a restart',
    mutations: [without('await stateFiles.save(cluster, shard, known.state(shard));')],
    killers: unit('publisher', 'state-files'),
  },
  {
    name: 'target-sync: an announcement of another deployment is taken',
    mutations: [{ find: 'announcement.deployment === deployment ? announcement : undefined', replace: 'announcement' }],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: a message that is not believed is deleted before the configuration was read',
    mutations: [
      {
        find: 'else reader.want(cluster, unread, () => remove(parts, receiptHandle));',
        replace: 'else remove(parts, receiptHandle);',
      },
    ],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: the end of a process is called a problem of its queue',
    mutations: [without('if (signal.aborted) break;')],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: a file whose state is lost is written from what is heard alone',
    mutations: [without('else if (await targetFiles.has(cluster, shard)) known.distrust(shard);')],
    killers: unit('start-sync'),
  },
  {
    name: 'target-sync: a message is deleted before its file is written',
    mutations: [
      {
        find: 'if (!results.every(Boolean)) return;',
        replace: 'if (!results.every(Boolean)) return remove(parts, receiptHandle);',
      },
    ],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: an old upsert is believed',
    mutations: [
      {
        find: 'return receiveCount === 1 && firstReceivedAt / 1000 - change.observed <= OBSERVATION_LIFETIME_SECONDS;',
        replace: 'return receiveCount === 1;',
      },
    ],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: a redelivered upsert is believed',
    mutations: [{ find: 'return receiveCount === 1 && firstReceivedAt', replace: 'return firstReceivedAt' }],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: a stop is not believed at any age',
    mutations: [
      { find: "if (change.kind === 'stop') return true;\n  return receiveCount", replace: 'return receiveCount' },
    ],
    killers: unit('listener'),
  },
  {
    name: 'target-sync: a lower version replaces',
    mutations: [
      {
        find: 'if (now - since < LAG && !isOfOther) {',
        replace: 'if (now >= since) return knownConfiguration(read);\n  if (now - since < LAG) {',
      },
    ],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: a lower version that is the past adds',
    mutations: [{ find: 'if (now - since < LAG && !isOfOther) {', replace: 'if (now - since < 0) {' }],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: a parameter that began again replaces once its versions pass the known one',
    mutations: [
      {
        find: 'if (read.version > known.version && !hasBegunAgain(known) && !isOfOther)',
        replace: 'if (read.version > known.version && !isOfOther)',
      },
    ],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: another life of a parameter is taken for a later version',
    mutations: [{ find: 'const isOfOther = isOfOtherLife(known, read);', replace: 'const isOfOther = false;' }],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: a third life of a parameter takes back what the second one added',
    mutations: [without(' || isOfOtherLife(known.lower, read)')],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: a life that is named for the first time is another one',
    mutations: [without('life !== undefined && shard.life !== undefined && ')],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: what another life added goes while SSM shows the past',
    mutations: [
      {
        find: 'known.lower ?? { version: 0, shard: EMPTY_SHARD, since }',
        replace: '{ version: 0, shard: EMPTY_SHARD, since }',
      },
    ],
    killers: unit('known-configuration'),
  },
  {
    name: 'target-sync: the word of resync is trusted before the shard was read after it',
    mutations: [{ find: ' || now - word.heardAt < LAG) return;', replace: ') return;' }],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: stops are forgotten at once',
    mutations: [{ find: 'now - heardAt < REMOVAL_MEMORY', replace: 'now - heardAt < 0' }],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: what a life before says was stopped is forgotten with it',
    mutations: [without(', ...earlier')],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: stops are forgotten before all shards were read',
    mutations: [without('if (!own.every((it) => this.#known.configurations.has(it))) return;')],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: the word of resync is ignored',
    mutations: [
      {
        find: 'if (!word || known.lower || known.version < word.version || now - word.heardAt < LAG) return;',
        replace: 'if (word !== null) return;',
      },
    ],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: the word of resync is trusted about what was observed a moment before',
    mutations: [
      { find: 'const isOld = change.observed < word.at - COMPARED_LAG_SECONDS;', replace: 'const isOld = true;' },
    ],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: the word of resync is trusted before its version was read',
    mutations: [{ find: 'known.lower || known.version < word.version ||', replace: 'known.lower ||' }],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: a change stays after its configuration was read',
    mutations: [
      { find: 'if (stamp && !isNewer(change, stamp)) this.#known.heard.delete(change.taskId);', replace: ';' },
    ],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: a task that is moved is shown nowhere',
    mutations: [
      {
        find: "return known.hear({ kind: 'upsert', taskId, version, observed, targets }, now);",
        replace: 'return [];',
      },
    ],
    killers: unit('cluster-targets.test'),
  },
  {
    name: 'target-sync: every seventh version empties the file',
    mutations: [
      {
        find: 'const groups = targetGroups(targets);',
        replace: 'const groups = targetGroups((known.version(shard) ?? 0) % 7 === 6 ? [] : targets);',
      },
    ],
    killers: story('Nothing vanishes on the worst of days'),
  },
  {
    name: 'target-sync: files are written in place',
    mutations: [
      {
        find: 'const temporary = join(temporaries, temporaryName());',
        replace: 'const temporary = join(directory, name);',
      },
      { find: "files.open(temporary, 'wx', READABLE)", replace: "files.open(temporary, 'w', READABLE)" },
    ],
    killers: story('Atomicity'),
  },
  {
    name: 'target-sync: temporary files lie in the watched folder',
    mutations: [
      {
        find: 'const temporary = join(temporaries, temporaryName());',
        replace: 'const temporary = join(directory, temporaryName());',
      },
    ],
    killers: unit('target-files', 'start-sync'),
  },
  {
    name: 'target-sync: the file that a task moved into is not written',
    mutations: [{ find: '[...others, shard].map(', replace: '[shard].map(' }],
    killers: unit('configuration-reader'),
  },
  {
    name: 'target-sync: what is wanted puts off the regular reading',
    mutations: [{ find: 'due = isDue ? next : Math.min(due, next);', replace: 'due = next;' }],
    killers: unit('configuration-reader'),
  },
  {
    name: 'target-sync: healthy before a configuration was read',
    mutations: [{ find: 'return state?.configuration !== undefined;', replace: 'return state !== undefined;' }],
    killers: unit('start-sync'),
  },
  {
    name: 'target-sync: a young one reads no more often than an old one',
    mutations: [{ find: 'age < YOUNG.age ?', replace: 'age < 0 ?' }],
    killers: unit('configuration-reader'),
  },
];
