"""Trains the fusion of features from labelled sets, and judges it on sets it was not trained on."""
