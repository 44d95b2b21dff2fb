"""An ensemble of models of FER2013 and FER+, selected on photos from elsewhere too."""
