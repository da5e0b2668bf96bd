/** The Bayeux channels of Workspace. */
export const INITIALIZATION = '/workspace/v3/initialization';
export const VOICE = '/workspace/v3/voice';
export const MEDIA = '/workspace/v3/media';
export const CHAT = '/workspace/v3/media/chat';

/** Sends notifications to a user: one after the other, in one reply where one is awaited. */
export type Publish = (user: string, channel: string, ...datas: readonly unknown[]) => void;
