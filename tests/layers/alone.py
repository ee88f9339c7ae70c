"""A decoder as a layer of one input, as the contract of Keras wants it."""

import keras


@keras.saving.register_keras_serializable("tests")
class Alone(keras.layers.Layer):
    """A decoder that reads its own input as source and as target."""

    def __init__(self, decoder, **kwargs):
        super().__init__(**kwargs)
        self.decoder = decoder

    def build(self, shape):
        self.decoder.build(shape, shape)

    def call(self, x):
        return self.decoder(x, x)[0]

    def get_config(self):
        part = keras.saving.serialize_keras_object(self.decoder)
        return {**super().get_config(), "decoder": part}

    @classmethod
    def from_config(cls, config):
        decoder = keras.saving.deserialize_keras_object(config["decoder"])
        return cls(**{**config, "decoder": decoder})
