export { FakeBayeuxSession, FakeBayeuxSessions } from './fake-bayeux-sessions.js';
export { anna, ben, LINGER_MS, NEWS, OpenFanout, WINDOW, type AttachedSink } from './open-fanout.js';
export { RecordedEvents } from './recorded-events.js';
export { RecordingSink, type SentEvent } from './recording-sink.js';
export { ScriptedJournal } from './scripted-journal.js';
export { ScriptedUpstreamHttp } from './scripted-upstream-http.js';
export { testProfile } from './test-profile.js';
